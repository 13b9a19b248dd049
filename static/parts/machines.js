// The machines, paged, searched and sorted by the server, as the page's address says.
const {ago, askedState, call, date, goTo, isOurs, listOf, shownState, stateName, t} = spirekeeper
const {API, ROWS, SHOWN_STATES, sats} = spirekeeper

// What is long must not push the buttons of its line out of sight: it gets a part of the width, and
// where a machine stands is told whole.
const SHORTENED = {classes: 'ellipsis', style: 'width: 11.5%; max-width: 0'}
const WRAPPED = {style: 'white-space: normal'}
const WHOLE = {style: 'width: 13%; max-width: 0; white-space: normal; overflow-wrap: anywhere'}

window.app.component('spirekeeper-machines', {
  template: '#spirekeeper-machines',
  emits: ['add', 'edit', 'open', 'pair', 'pairMany', 'import', 'listed', 'stop', 'changed'],
  data() {
    return {
      machines: [],
      total: 0,
      counts: [],
      selected: [],
      search: '', // what is typed
      loading: false,
      nothingYet: false,
      journal: `${API}/journal?format=csv`,
      ROWS
    }
  },
  computed: {
    list() {
      return listOf(this.$route.query)
    },
    // Which machines, and in what order.
    filter() {
      const {search, state, sort, down} = this.list
      return {
        sortby: sort,
        direction: down ? 'desc' : 'asc',
        ...(search && {search}),
        ...(state && askedState(state))
      }
    },
    query() {
      const {page, rows} = this.list
      return new URLSearchParams({limit: rows, offset: (page - 1) * rows, ...this.filter}).toString()
    },
    file() {
      return `${API}/machines?${new URLSearchParams({format: 'csv', ...this.filter})}`
    },
    pagination() {
      const {page, rows, sort, down} = this.list
      return {page, rowsPerPage: rows, rowsNumber: this.total, sortBy: sort, descending: down}
    },
    // How many the search finds in each state; none is shown of a state that none is in.
    chips() {
      const chosen = this.list.state
      const many = state =>
        this.counts
          .filter(each => !state || shownState(each) === state)
          .reduce((sum, {total}) => sum + total, 0)
      const chip = (state, name) => ({
        state,
        chosen: state === chosen,
        label: `${t(`spirekeeper.${name}`)} ${many(state)}`
      })
      const some = SHOWN_STATES.filter(state => state === chosen || many(state))
      return [chip('', 'machines.all'), ...some.map(state => chip(state, `states.${state}`))]
    },
    columns() {
      const column = (name, label, more) => ({
        name,
        field: name,
        align: 'left',
        label: t(`spirekeeper.${label}`),
        ...more
      })
      return [
        column('name', 'common.name', {sortable: true, ...SHORTENED}),
        column('location', 'common.location', {sortable: true, ...WHOLE}),
        column('wallet_name', 'common.wallet', {format: name => name ?? '–', ...SHORTENED}),
        column('state', 'common.state', {sortable: true, format: (_, row) => stateName(row)}),
        column('last_seen_at', 'machines.last_seen', {
          ...WRAPPED,
          sortable: true,
          format: at => (at ? ago(at) : t('spirekeeper.common.never'))
        }),
        column('connected_since', 'machines.connected_since', {
          ...WRAPPED,
          format: at => (at ? ago(at) : '–')
        }),
        {name: 'actions', label: t('spirekeeper.machines.actions'), align: 'right'}
      ]
    }
  },
  watch: {
    // By what is clicked here, and by the browser's Back.
    query() {
      if (!isOurs(this.$route)) return
      this.search = this.list.search
      this.loading = true
      this.load()
    }
  },
  methods: {
    date,
    // The entry that was chosen goes with its menu; the keyboard comes back to what opened that.
    leaveMenu(what) {
      this.$refs.menu.hide() // while it is open it holds the keyboard
      this.$refs.more.$el.focus()
      this.$emit(what)
    },
    turn({page, rowsPerPage, sortBy, descending}) {
      goTo({page, rows: rowsPerPage, sort: sortBy ?? 'name', down: descending})
    },
    choose(state) {
      goTo({state, page: 1})
    },
    // One step back leads to before the search, not through its letters.
    find(text) {
      const search = text ?? ''
      goTo({search, page: 1}, search && this.list.search ? 'replace' : 'push')
    },
    // Answers may overtake each other; only the one that was asked for last is shown. The browser
    // saves a file without a word to us: whether the session has ended, this finds out beside it.
    async load() {
      const asked = (this.asked = Symbol('request'))
      const answer = await call('GET', `/machines?${this.query}`)
      if (asked !== this.asked) return
      this.loading = false
      if (!answer) return
      this.$emit('listed', answer)
      const {data, total, counts} = answer
      Object.assign(this, {machines: data, total, counts})
      const shown = new Map(data.map(machine => [machine.id, machine]))
      this.selected = this.selected.map(each => shown.get(each.id) ?? each)
      this.nothingYet = !counts.length && !this.list.search
      if (total && !data.length) goTo({page: Math.ceil(total / this.list.rows)}, 'replace')
    },
    // It is gone, and is not to be paired with the others that are ticked.
    forget({id}) {
      this.selected = this.selected.filter(each => each.id !== id)
    },
    // What a card tells of a machine beside its name, location and state.
    facts({cols, row}) {
      const [wallet, ...moments] = ['wallet_name', 'last_seen_at', 'connected_since'].map(name =>
        cols.find(col => col.name === name)
      )
      const label = t('spirekeeper.common.balance')
      return [wallet, {name: 'balance', label, value: this.balance(row)}, ...moments]
    },
    balance({balance_sat, wallet_ok}) {
      return wallet_ok ? sats(balance_sat) : '–'
    },
    range(from, to, total) {
      return t('spirekeeper.panel.range', {from, to, total})
    },
    selectedLabel(n) {
      return t('spirekeeper.machines.selected', {n})
    }
  },
  created() {
    this.search = this.list.search
    this.loading = true
    this.load()
  }
})
