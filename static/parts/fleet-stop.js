// The emergency stop: it says how many machines it cuts, and cuts no other number.
const {call, complain, request, t} = spirekeeper

const fresh = () => ({
  show: false,
  count: null,
  typed: '',
  busy: false,
  problem: '',
  result: null
})

window.app.component('spirekeeper-fleet-stop', {
  template: '#spirekeeper-fleet-stop',
  emits: ['changed'],
  data: fresh,
  computed: {
    pending() {
      return this.result.machines.filter(machine => machine.bunker === 'pending')
    },
    bunkersPart() {
      const {pending, done} = this.result
      if (!pending) return t('spirekeeper.fleet.stop_done')
      return t('spirekeeper.fleet.stop_pending', {n: pending, done}, pending)
    }
  },
  methods: {
    async open() {
      Object.assign(this, fresh(), {show: true})
      await this.countUncut()
    },
    async countUncut() {
      const [all, cut] = await Promise.all([
        call('GET', '/machines?limit=1'),
        call('GET', '/machines?limit=1&state=revoked')
      ])
      if (all && cut) this.count = all.total - cut.total
      else this.show = false
    },
    async stop() {
      this.busy = true
      this.problem = ''
      try {
        this.result = await request('POST', '/machines/revoke-all', {expect: this.count})
        this.$emit('changed')
      } catch (error) {
        await this.refused(error)
      }
      this.busy = false
    },
    async refused(error) {
      if (error.response?.data?.code !== 'not_that_many') return complain(error)
      this.typed = ''
      this.problem = t('spirekeeper.fleet.stop_changed')
      await this.countUncut()
    }
  }
})
