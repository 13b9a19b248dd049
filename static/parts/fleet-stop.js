// The emergency stop: it says how many machines it cuts, and cuts no other number. Afterwards it leads
// back: what it has cut is paired again in one go.
const {bunkerIsAway, call, complain, request, t} = spirekeeper

const fresh = () => ({
  show: false,
  there: null, // as GET /emergency-stop tells
  typed: '',
  busy: false,
  problem: '',
  result: null
})

window.app.component('spirekeeper-fleet-stop', {
  template: '#spirekeeper-fleet-stop',
  emits: ['changed', 'pair'],
  data: fresh,
  computed: {
    // What it will do, as far as the bunker lets it.
    words() {
      const {machines, connected} = this.there
      const told = t('spirekeeper.fleet.stop_words', {n: machines, connected}, machines)
      return [told, t(`spirekeeper.fleet.stop_bunker_${bunkerIsAway() ? 'away' : 'there'}`)]
    },
    stopped() {
      return this.there?.stopped ?? []
    },
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
      await this.look()
      if (!this.there) this.show = false
    },
    async look() {
      this.there = (await call('GET', '/emergency-stop')) ?? this.there
    },
    // Its buttons wait for the look: the one that pairs again would move the other under a finger.
    async stop() {
      this.busy = true
      this.problem = ''
      try {
        const expect = this.there.machines
        this.result = await request('POST', '/machines/revoke-all', {expect})
        this.$emit('changed')
        await this.look()
      } catch (error) {
        await this.refused(error)
      }
      this.busy = false
    },
    async refused(error) {
      if (error.response?.data?.code !== 'not_that_many') return complain(error)
      this.typed = ''
      this.problem = t('spirekeeper.fleet.stop_changed')
      await this.look()
    },
    pairAgain() {
      this.show = false
      this.$emit('pair', this.stopped)
    }
  }
})
