// The Cash view: where cash is on, the orders that wait for their operator, the cash-ins that go on, and
// all orders, paged and filtered by the server, as the page's address says.
const {API, NO_FILTER, WAYS, ago, ask, call, date, goTo, isOurs, ordersOf} = spirekeeper
const {ORDER_STATES, orderColor, orderFiat, orderName, orderToDo, request} = spirekeeper
const {sats, setApart, showsCash, t, tell, textOr} = spirekeeper

const ROWS = 50
const MOST_ON_TOP = 20
const SWITCHES_MS = 10000 // where cash is on is asked as often
const FOUND = 20 // machines that a search for one offers
const TWO_LINES = {style: 'white-space: normal; vertical-align: top'}

// The second in which a day begins here, `days` after it.
function beginOf(day, days = 0) {
  const at = new Date(`${day}T00:00`)
  return Math.floor(at.setDate(at.getDate() + days) / 1000)
}

window.app.component('spirekeeper-cash', {
  template: '#spirekeeper-cash',
  emits: ['open', 'serviceKey', 'changed'],
  data() {
    return {
      switches: null, // as GET /cash/stop tells
      orders: null,
      next: null,
      stuck: {data: []}, // as GET /cash tells, and below
      underWay: {data: []},
      loading: false,
      busy: false,
      machines: [], // that are offered
      names: {} // of machines, by their ids
    }
  },
  computed: {
    list() {
      return ordersOf(this.$route.query)
    },
    filtered() {
      return Object.keys(NO_FILTER).some(name => this.list[name])
    },
    // Which orders.
    filter() {
      const {of, stands, way, from, until} = this.list
      return {
        ...(of && {machine_id: of}),
        ...(stands && {state: stands}),
        ...(way && {direction: way}),
        ...(from && {since: beginOf(from)}),
        ...(until && {until: beginOf(until, 1)})
      }
    },
    query() {
      const {after} = this.list
      return new URLSearchParams({limit: ROWS, ...this.filter, ...(after && {after})}).toString()
    },
    file() {
      return `${API}/cash?${new URLSearchParams({format: 'csv', ...this.filter})}`
    },
    // The orders above the others: those that wait for their operator, and those that need nobody.
    onTop() {
      const some = ({data, next}, title, more, words) => ({
        orders: data,
        title: t(`spirekeeper.cash.${title}`, {n: data.length}, data.length),
        more: next && t(`spirekeeper.cash.${more}`),
        words
      })
      return [
        some(this.stuck, 'stuck_title', 'more_stuck', orderToDo),
        some(this.underWay, 'under_way', 'more_under_way', ({state}) => t(`spirekeeper.cash.means.${state}`))
      ].filter(({orders}) => orders.length)
    },
    standing() {
      const {on, stopped} = this.switches ?? {}
      if (on === undefined) return ''
      if (!on) return t('spirekeeper.cash.on_nowhere')
      if (!stopped) return t('spirekeeper.cash.on', {n: on}, on)
      return stopped === on
        ? t('spirekeeper.cash.all_stopped', {n: on}, on)
        : t('spirekeeper.cash.some_stopped', {n: on, stopped})
    },
    machine() {
      const {of} = this.list
      return of ? {value: of, label: this.names[of] ?? '…'} : null
    },
    states() {
      const state = (value, label) => ({value, label})
      return [
        state('', t('spirekeeper.machines.all')),
        ...ORDER_STATES.map(value => state(value, orderName({state: value})))
      ]
    },
    ways() {
      const way = (value, label) => ({value, label})
      return [
        way('', t('spirekeeper.machines.all')),
        ...WAYS.map(value => way(value, t(`spirekeeper.cash.directions.${value}`)))
      ]
    },
    columns() {
      const column = (name, key, more) => ({
        name,
        field: name,
        align: 'left',
        label: t(`spirekeeper.${key}`),
        ...TWO_LINES,
        ...more
      })
      const amount = {align: 'right', format: n => sats(n)}
      return [
        column('asked_at', 'cash.asked', {format: at => ago(at)}),
        column('machine_name', 'cash.machine'),
        column('short_code', 'cash.code'),
        column('sats', 'cash.amount', amount),
        column('fee_sats', 'cash.fee', amount),
        column('state', 'common.state', {format: (_, row) => orderName(row)}),
        {name: 'actions', label: t('spirekeeper.machines.actions'), align: 'right'}
      ]
    }
  },
  watch: {
    // By what is chosen here, and by the browser's Back.
    query() {
      if (!isOurs(this.$route) || !showsCash(this.$route.query)) return
      this.loading = true
      this.load()
    }
  },
  methods: {
    date,
    orderColor,
    orderName,
    sats,
    choose(changes) {
      goTo({...changes, after: ''})
    },
    clear() {
      this.choose(NO_FILTER)
    },
    older() {
      goTo({after: this.next})
    },
    newest() {
      goTo({after: ''})
    },
    // Answers may overtake each other; only those that were asked for last are shown. The browser saves
    // a file without a word to us: whether the session has ended, this finds out beside it.
    async load() {
      const asked = (this.asked = Symbol('request'))
      if (Date.now() - this.switchesAt > SWITCHES_MS) this.lookWhere()
      const those = which => request('GET', `/cash?${which}=true&limit=${MOST_ON_TOP}`)
      const [stuck, underWay, page] = await Promise.all([
        those('stuck').catch(() => null), // soon once more
        those('under_way').catch(() => null),
        call('GET', `/cash?${this.query}`)
      ])
      if (asked !== this.asked) return
      this.loading = false
      if (stuck) this.stuck = stuck
      if (underWay) this.underWay = underWay
      if (page) Object.assign(this, {orders: page.data, next: page.next})
      this.nameMachine()
    },
    async lookWhere() {
      this.switchesAt = Date.now()
      this.switches = (await request('GET', '/cash/stop').catch(() => null)) ?? this.switches
    },
    // The one that is chosen, as it is called now; one that is gone as its orders call it.
    async nameMachine() {
      const {of} = this.list
      if (!of || this.names[of]) return
      const there = await request('GET', `/machines/${encodeURIComponent(of)}`).catch(() => null)
      const had = this.orders?.find(order => order.machine_id === of)
      this.names[of] = there?.name ?? had?.machine_name ?? t('spirekeeper.notices.deleted')
    },
    async findMachines(text, update) {
      const query = new URLSearchParams({limit: FOUND, sortby: 'name', ...(text && {search: text})})
      const page = await call('GET', `/machines?${query}`)
      update(() => {
        this.machines = (page?.data ?? []).map(({id, name}) => ({value: id, label: name}))
      })
    },
    chooseMachine(machine) {
      if (machine) this.names[machine.value] = machine.label
      this.choose({of: machine?.value ?? ''})
    },
    // Once, what stops something is asked about.
    async stop(stopped) {
      const sure = {
        title: t('spirekeeper.cash.stop'),
        message: t('spirekeeper.cash.stop_question'),
        ok: t('spirekeeper.cash.stop'),
        cancel: t('spirekeeper.common.back'),
        color: 'negative'
      }
      if (this.busy || (stopped && !(await ask(sure)))) return
      this.busy = true
      const done = await call('PUT', '/cash/stop', {stopped})
      await this.lookWhere()
      this.busy = false
      if (!done) return
      const {machines: n} = done
      tell(t(`spirekeeper.cash.${stopped ? 'stopped_now' : 'goes_on_now'}`, {n}, n))
      this.$emit('changed')
    },
    // The entry that was chosen goes with its menu; the keyboard comes back to what opened that.
    showServiceKey() {
      this.$refs.menu.hide()
      this.$refs.more.$el.focus()
      this.$emit('serviceKey')
    },
    nameOf(order) {
      return order.machine_name ? setApart(order.machine_name) : t('spirekeeper.notices.deleted')
    },
    line(order) {
      const paid = this.amounts(order)
      return `${this.nameOf(order)} · ${paid} · ${ago(order.dispensing_at ?? order.paid_at ?? order.asked_at)}`
    },
    // Beside the state: how it was ended, or that it waits.
    more(order) {
      if (order.stuck) return t('spirekeeper.cash.waits')
      return order.settled_how && textOr(`spirekeeper.cash.hows.${order.settled_how}`, order.settled_how)
    },
    // Which way the notes go, and how much they are.
    kind(order) {
      return [t(`spirekeeper.cash.directions.${order.direction}`), orderFiat(order)].filter(Boolean).join(' · ')
    },
    amounts(order) {
      return [sats(order.sats), this.kind(order)].filter(Boolean).join(' · ')
    }
  },
  created() {
    this.switchesAt = 0
    this.loading = true
    this.load()
  }
})
