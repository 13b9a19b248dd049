// One scope of its own: every extension's script runs in the same window.
;(() => {
  const API = '/spirekeeper/api/v1/dca'
  const RELAYS_KEY = 'spirekeeper.relays'
  const QR_PIXELS_PER_MODULE = 4
  const STATE_COLORS = {
    paired: 'positive',
    awaiting_scan: 'info',
    confirming: 'info',
    replacing: 'info',
    locked: 'warning',
    expired: 'warning',
    unknown: 'warning',
    revoked: 'negative',
    unpaired: 'grey'
  }

  const noSeed = () => ({
    show: false,
    busy: false,
    machine: null,
    relays: '',
    private: false,
    seed: null,
    size: 360,
    until: '',
    warnings: []
  })

  const noMachine = () => ({
    show: false,
    busy: false,
    name: '',
    location: '',
    wallet_id: null
  })

  window.PageSpirekeeper = {
    template: '#page-spirekeeper',
    components: {QrcodeVue: QrcodeVue.default},
    data() {
      return {
        machines: [],
        table: {
          loading: false,
          search: '',
          pagination: {
            page: 1,
            rowsPerPage: 50,
            rowsNumber: 0,
            sortBy: 'name',
            descending: false
          }
        },
        adding: noMachine(),
        pairing: noSeed()
      }
    },
    computed: {
      columns() {
        const column = (name, field, more) => ({
          name,
          field,
          align: 'left',
          label: this.$t(`spirekeeper.${name}`),
          ...more
        })
        return [
          column('name', 'name', {sortable: true}),
          column('location', 'location', {sortable: true}),
          column('wallet', 'wallet_id', {format: this.walletName}),
          column('state', 'state', {
            format: state => this.$t(`spirekeeper.states.${state}`)
          }),
          {name: 'actions', label: '', align: 'right'}
        ]
      }
    },
    methods: {
      // What went wrong is shown; whoever called goes on only with an answer.
      async call(method, path, data) {
        try {
          return (await LNbits.api.request(method, API + path, null, data)).data
        } catch (error) {
          LNbits.utils.notifyApiError(error)
        }
      },
      async loadMachines(props) {
        const query = LNbits.utils.prepareFilterQuery(this.table, props)
        const page = await this.call('GET', `/machines?${query}`)
        this.table.loading = false
        if (!page) return
        this.machines = page.data
        this.table.pagination.rowsNumber = page.total
      },
      openAdd() {
        this.adding = {...noMachine(), show: true}
      },
      async addMachine() {
        this.adding.busy = true
        const {name, location, wallet_id} = this.adding
        const machine = await this.call('POST', '/machines', {name, location, wallet_id})
        this.adding.busy = false
        if (!machine) return
        this.adding.show = false
        if (!wallet_id) await this.loadWallets()
        await this.loadMachines()
      },
      openPair(machine) {
        const relays = this.$q.localStorage.getItem(RELAYS_KEY) ?? ''
        this.pairing = {...noSeed(), show: true, machine, relays}
      },
      async pair() {
        this.pairing.busy = true
        const relays = this.pairing.relays.split(/[\s,]+/).filter(Boolean)
        const result = await this.call('POST', `/machines/${this.pairing.machine.id}/pair`, {
          relays,
          allow_private_relays: this.pairing.private
        })
        this.pairing.busy = false
        if (!result) return
        this.$q.localStorage.setItem(RELAYS_KEY, relays.join('\n'))
        this.pairing.warnings = result.warnings
        this.pairing.until = LNbits.utils.formatDate(result.scan_before)
        this.pairing.seed = result.seed_url
        await this.$nextTick()
        this.fitQr()
      },
      // The denser the code, the larger it has to be to be scanned; its viewBox counts in modules.
      fitQr() {
        const modules = this.$refs.qr.querySelector('svg').viewBox.baseVal.width
        this.pairing.size = Math.max(360, modules * QR_PIXELS_PER_MODULE)
      },
      async forgetSeed() {
        this.pairing = noSeed()
        await this.loadMachines()
      },
      revoke(machine) {
        const question = this.$t('spirekeeper.revoke_question', {name: machine.name})
        LNbits.utils.confirmDialog(question).onOk(async () => {
          const result = await this.call('POST', `/machines/${machine.id}/revoke`)
          if (result) {
            this.$q.notify({
              type: result.bunker === 'done' ? 'positive' : 'warning',
              message: this.$t(`spirekeeper.revoked_${result.bunker}`)
            })
          }
          await this.loadMachines()
        })
      },
      async loadWallets() {
        const user = await LNbits.api.getAuthenticatedUser()
        this.g.user = LNbits.map.user(user.data)
      },
      walletName(id) {
        return this.g.user.wallets.find(wallet => wallet.id === id)?.name ?? id
      },
      reason(machine) {
        const key = `spirekeeper.reasons.${machine.reason}`
        return this.$te(key) ? this.$t(key) : ''
      },
      stateColor(machine) {
        return machine.is_active ? STATE_COLORS[machine.state] : 'grey'
      }
    },
    created() {
      this.loadMachines()
    }
  }
})()
