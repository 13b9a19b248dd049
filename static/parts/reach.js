// The address that customers' phones ask for their sats, and what the server finds there.
const {ago, complain, date, request, t} = spirekeeper

window.app.component('spirekeeper-reach', {
  template: '#spirekeeper-reach',
  data() {
    return {told: null, busy: false}
  },
  computed: {
    tried() {
      return t('spirekeeper.cash.tried', {ago: ago(this.told.tried_at)})
    }
  },
  methods: {
    date,
    async look(again = false) {
      this.busy = true
      try {
        this.told = await request('GET', `/cash/address?again=${again}`)
      } catch (error) {
        complain(error)
      }
      this.busy = false
    }
  },
  created() {
    this.look()
  }
})
