// One cash order: all that is known of it, and, where it waits for its operator, how the customer was made
// whole. It is on show by its address too.
const {ago, call, complain, date, goTo, orderColor, orderFiat, orderName, orderToDo} = spirekeeper
const {request, sats, t, tell, textOr, wordsOf} = spirekeeper

const HOWS = ['refunded', 'notes_given', 'other']

const fresh = () => ({
  show: false,
  order: null,
  machine: null, // null as well when it is gone
  how: '',
  reference: '',
  link: null, // for the customer
  linking: false,
  busy: false,
  problem: ''
})

window.app.component('spirekeeper-order', {
  template: '#spirekeeper-order',
  emits: ['changed', 'machine'],
  data: fresh,
  computed: {
    title() {
      return t('spirekeeper.cash.order', {code: this.order?.short_code ?? ''})
    },
    hows() {
      return HOWS.map(value => ({value, label: t(`spirekeeper.cash.hows.${value}`)}))
    },
    // A customer who has not fetched the sats may come to the counter any time.
    toSettle() {
      const {settleable, state, stuck} = this.order
      return settleable && (stuck || state === 'reserved')
    },
    mayLink() {
      return ['reserved', 'failed', 'unclaimed'].includes(this.order.state)
    },
    // The smallest QR: capitals alone.
    linkCode() {
      return `LIGHTNING:${this.link.lnurl.toUpperCase()}`
    },
    facts() {
      const {order} = this
      const fact = (key, value, ago = '') =>
        value ? [{label: t(`spirekeeper.cash.${key}`), value, ago}] : []
      const moment = (key, at) => fact(key, date(at), ago(at))
      const paid = [sats(order.sats), orderFiat(order)].filter(Boolean).join(' · ')
      return [
        ...fact(order.direction === 'cash_in' ? 'inserted' : 'paid', paid),
        ...fact('fee', sats(order.fee_sats)),
        ...fact('came_out', order.dispensed_sats !== null && sats(order.dispensed_sats)),
        ...fact('gets', order.direction === 'cash_in' && sats(order.sats - order.fee_sats)),
        ...moment('asked', order.asked_at),
        ...moment('held_until', order.held_until),
        ...moment('said_at', order.said_at),
        ...moment('paid_at', order.paid_at),
        ...moment('dispensing_at', order.dispensing_at),
        ...moment('ended_at', order.ended_at),
        ...fact('how', order.settled_how && textOr(`spirekeeper.cash.hows.${order.settled_how}`, order.settled_how)),
        ...fact('reference', order.settled_ref)
      ]
    }
  },
  watch: {
    // By a notice, a kept address, or the browser's Back and Forward.
    '$route.query.order'(id) {
      if (!id) this.show = false
      else if (!this.show || id !== this.order.id) this.find(id)
    },
    show(shown) {
      goTo({order: shown ? this.order.id : undefined}, 'replace')
    }
  },
  methods: {
    orderColor,
    orderName,
    date,
    orderToDo,
    async open(order) {
      Object.assign(this, fresh(), {show: true, order})
      await this.load()
    },
    async find(id) {
      const order = await call('GET', `/cash/${encodeURIComponent(id)}`)
      if (this.$route.query.order !== id) return
      await goTo({order: undefined}, 'replace')
      if (order) this.open(order)
    },
    async load() {
      if (!this.show || this.busy) return
      const {id, machine_id} = this.order
      try {
        const order = await request('GET', `/cash/${id}`)
        const machine = await request('GET', `/machines/${machine_id}`).catch(() => null)
        if (this.show && this.order.id === id && !this.busy) Object.assign(this, {order, machine})
      } catch (error) {
        if (error.response?.status !== 404) return // what is on show stays until the next hint
        this.show = false
        complain(error)
      }
    },
    async showLink() {
      this.linking = true
      const link = await call('POST', `/cash/${this.order.id}/link`, {})
      Object.assign(this, {link, linking: false})
      this.load()
    },
    async settle() {
      const {how, order, reference} = this
      this.busy = true
      this.problem = ''
      try {
        await request('POST', `/cash/${order.id}/settle`, {how, reference})
        this.show = false
        tell(t('spirekeeper.cash.settled', {code: order.short_code}))
        this.$emit('changed')
      } catch (error) {
        this.problem = wordsOf(error)
      }
      this.busy = false
      if (this.problem) this.load()
    }
  },
  mounted() {
    const {order} = this.$route.query
    if (order) this.find(order)
  }
})
