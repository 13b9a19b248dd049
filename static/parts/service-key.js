// The key that an operator's machines believe about cash, and a new one: it says how many machines have to
// be paired again, and takes no other number.
const {call, complain, date, request, t, tell} = spirekeeper

const fresh = () => ({show: false, key: null, typed: '', busy: false, problem: ''})

window.app.component('spirekeeper-service-key', {
  template: '#spirekeeper-service-key',
  emits: ['changed', 'stop'],
  data: fresh,
  computed: {
    made() {
      return t('spirekeeper.cash.key.made', {at: date(this.key.made_at)})
    },
    follows() {
      const {machines: n} = this.key
      return t('spirekeeper.cash.key.follows', {n}, n)
    },
    sure() {
      const {machines} = this.key
      return !machines || this.typed === String(machines)
    }
  },
  methods: {
    async open() {
      Object.assign(this, fresh(), {show: true})
      await this.look()
      if (!this.key) this.show = false
    },
    async look() {
      this.key = (await call('GET', '/service-key')) ?? this.key
    },
    async rotate() {
      this.busy = true
      this.problem = ''
      try {
        await request('POST', '/service-key/rotate', {expect: this.key.machines})
        this.show = false
        tell(t('spirekeeper.cash.key.rotated'))
        this.$emit('changed')
      } catch (error) {
        await this.refused(error)
      }
      this.busy = false
    },
    async refused(error) {
      if (error.response?.data?.code !== 'machines_told') return complain(error)
      this.typed = ''
      this.problem = t('spirekeeper.cash.key.changed')
      await this.look()
    },
    stop() {
      this.show = false
      this.$emit('stop')
    }
  }
})
