// What the operator has to know now: a few banners, the rest when asked for.
const {ago, call, request, setApart, t, textOr} = spirekeeper

const FEW = 3
const MOST = 50

const NO_OPERATOR = 'no_operator' // a machine of nobody's, which only the bunker's panel shows

const WARNING = 'bg-warning text-black'
const SEVERE = 'bg-negative text-white'
const LOOKS = {
  silent: {icon: 'signal_wifi_off', colors: WARNING},
  locked: {icon: 'lock', colors: WARNING},
  second_client: {icon: 'report', colors: SEVERE},
  session_ending: {icon: 'event_busy', colors: WARNING},
  revoke_owed: {icon: 'pending_actions', colors: WARNING},
  relay_left_out: {icon: 'hearing_disabled', colors: WARNING},
  client_lost: {icon: 'link_off', colors: SEVERE},
  paid_not_dispensed: {icon: 'payments', colors: SEVERE},
  dispense_unreported: {icon: 'payments', colors: WARNING},
  paid_late: {icon: 'payments', colors: WARNING},
  short: {icon: 'payments', colors: SEVERE},
  notes_unreported: {icon: 'payments', colors: SEVERE},
  cash_unknown: {icon: 'payments', colors: SEVERE},
  unclaimed: {icon: 'payments', colors: SEVERE},
  wallet_short: {icon: 'payments', colors: WARNING},
  cap_reached: {icon: 'payments', colors: WARNING},
  bunker_away: {icon: 'cloud_off', colors: SEVERE},
  [NO_OPERATOR]: {icon: 'no_accounts', colors: WARNING},
  keys_outgrow_relay: {icon: 'inventory_2', colors: WARNING},
  passphrase_unkept: {icon: 'vpn_key', colors: WARNING}
}

window.app.component('spirekeeper-notices', {
  template: '#spirekeeper-notices',
  emits: ['open', 'order'],
  data() {
    return {FEW, notices: [], total: 0, all: false}
  },
  methods: {
    ago,
    async load() {
      const limit = this.all ? MOST : FEW
      const page = await request('GET', `/notices?limit=${limit}`).catch(() => null)
      if (!page) return // it is asked for again in a moment
      this.notices = page.data
      this.total = page.total
    },
    toggle() {
      this.all = !this.all
      this.load()
    },
    // Of cash it leads to the order, which is there also when the machine is not.
    async open(notice) {
      if (notice.order_id) return this.$emit('order', notice.order_id)
      const machine = await call('GET', `/machines/${notice.machine_id}`)
      if (machine) this.$emit('open', machine)
    },
    leads({code, deleted, machine_id, order_id}) {
      return !!order_id || (!!machine_id && !deleted && code !== NO_OPERATOR)
    },
    look(notice) {
      return LOOKS[notice.code] ?? {icon: 'info', colors: WARNING}
    },
    words(notice) {
      const name = setApart(notice.name ?? t('spirekeeper.notices.deleted'))
      return textOr(`spirekeeper.notices.words.${notice.code}`, notice.words, {name})
    }
  },
  created() {
    this.load()
  }
})
