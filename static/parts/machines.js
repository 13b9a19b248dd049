// The machines, paged, searched and sorted by the server.
const {call, ago, date, stateName, t, API, STATES} = spirekeeper

// What is long must not push the buttons of its line out of sight: it gets an equal part of the width.
const SHORTENED = {classes: 'ellipsis', style: 'width: 11.5%; max-width: 0'}
const WRAPPED = {style: 'white-space: normal'}

window.app.component('spirekeeper-machines', {
  template: '#spirekeeper-machines',
  emits: ['add', 'edit', 'open', 'pair', 'pairMany', 'import', 'listed', 'stop'],
  data() {
    return {
      machines: [],
      selected: [],
      search: '',
      state: null,
      loading: false,
      nothingYet: false,
      journal: `${API}/journal?format=csv`,
      pagination: {page: 1, rowsPerPage: 50, rowsNumber: 0, sortBy: 'name', descending: false}
    }
  },
  computed: {
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
        column('location', 'common.location', {sortable: true, ...SHORTENED}),
        column('wallet_id', 'common.wallet', {format: this.walletName, ...SHORTENED}),
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
    },
    states() {
      const name = state => t(`spirekeeper.states.${state}`)
      return STATES.map(state => ({value: state, label: name(state)}))
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
    request({pagination}) {
      this.pagination = pagination
      this.loading = true
      return this.load()
    },
    // Answers may overtake each other; only the one that was asked for last is shown.
    async load(page = this.pagination.page) {
      const asked = (this.asked = Symbol('request'))
      const answer = await call('GET', `/machines?${this.query(page)}`)
      if (asked !== this.asked) return
      this.loading = false
      if (!answer) return
      this.$emit('listed', answer)
      this.machines = answer.data
      this.pagination = {...this.pagination, page, rowsNumber: answer.total}
      const shown = new Map(answer.data.map(machine => [machine.id, machine]))
      this.selected = this.selected.map(each => shown.get(each.id)).filter(Boolean)
      this.nothingYet = !answer.total && !this.search && !this.state
    },
    query(page) {
      const {rowsPerPage, sortBy, descending} = this.pagination
      return new URLSearchParams({
        limit: rowsPerPage,
        offset: (page - 1) * rowsPerPage,
        sortby: sortBy ?? 'name',
        direction: descending ? 'desc' : 'asc',
        ...(this.search && {search: this.search}),
        ...(this.state && {state: this.state})
      })
    },
    // What a card tells of a machine beside its name, location and state.
    facts({cols}) {
      return cols.filter(col => ['wallet_id', 'last_seen_at', 'connected_since'].includes(col.name))
    },
    walletName(id) {
      return this.g.user.wallets.find(wallet => wallet.id === id)?.name ?? '–'
    },
    range(from, to, total) {
      return t('spirekeeper.panel.range', {from, to, total})
    },
    selectedLabel(n) {
      return t('spirekeeper.machines.selected', {n})
    }
  },
  created() {
    this.loading = true
    this.load()
  }
})
