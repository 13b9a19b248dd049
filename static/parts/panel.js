// A machine's panel: how it stands, its key and connection, what can be done, and what was.
const {ago, backLeaves, call, cautionOf, complain, date, goTo} = spirekeeper
const {NO_FILTER, known, reasonOf, request, sats, t, textOr} = spirekeeper

const PAIRINGS = 20 // the connection is among the newest: of one machine few seeds are open

const fresh = () => ({show: false, tab: 'overview', machine: null, status: null, pairings: []})

window.app.component('spirekeeper-panel', {
  template: '#spirekeeper-panel',
  emits: ['changed', 'deleted', 'edit', 'pair'],
  data: fresh,
  computed: {
    reason() {
      const {is_active} = this.machine
      return is_active ? reasonOf(this.machine) : t('spirekeeper.panel.inactive')
    },
    waiting() {
      return this.pairings.find(({state}) => state === 'issued')
    },
    // Whose fingerprint is on show: the connection, or the one that is to be compared.
    connection() {
      const {pairings} = this
      return pairings.find(({confirming}) => confirming) ?? pairings.find(({connected}) => connected)
    },
    keyName() {
      const {machine_npub} = this.machine
      const ofKey = this.pairings.find(({spire_pubkey}) => spire_pubkey === machine_npub)
      return machine_npub ? ofKey?.key_name : undefined
    },
    facts() {
      const {machine, connection, waiting} = this
      const never = t('spirekeeper.common.never')
      const fact = (label, value, title = '') => ({
        label: t(`spirekeeper.${label}`),
        value: value || '–',
        title
      })
      const moment = (label, at, none) => fact(label, at ? ago(at) : none, date(at))
      return [
        fact('common.wallet', machine.wallet_name),
        fact('common.balance', machine.wallet_ok && sats(machine.balance_sat), date(machine.balance_at)),
        fact('form.currency', machine.fiat_code),
        moment('machines.last_seen', machine.last_seen_at, never),
        moment('machines.connected_since', machine.connected_since),
        fact('panel.spire_fingerprint', machine.spire_fingerprint),
        fact('panel.fingerprint', connection?.fingerprint),
        ...(waiting ? [fact('panel.scan_before', date(waiting.scan_before))] : []),
        ...(connection?.session_expires_at
          ? [fact('panel.session_ends', date(connection.session_expires_at))]
          : [])
      ]
    },
    bunker() {
      const {status} = this
      if (known.lost) return ''
      if (!status) return t('spirekeeper.panel.bunker_asking')
      return status.bunker === 'ok'
        ? t('spirekeeper.panel.bunker_ok', {ago: ago(status.as_of)})
        : t('spirekeeper.panel.bunker_unreachable')
    },
    // What the operator has to know of it, the gravest first.
    warnings() {
      const {cut_at, flag, flagged_at, owed, wallet_ok} = this.machine
      const say = (key, ...more) => t(`spirekeeper.panel.${key}`, ...more)
      const flagged = flag && textOr(`spirekeeper.panel.flags.${flag}`, say('flags.second_client'))
      return [
        ...(flag ? [`${flagged} ${say('flagged', {ago: ago(flagged_at), at: date(flagged_at)})}`] : []),
        ...(owed ? [say(cut_at ? 'owed_cut' : 'owed', {n: owed}, owed)] : []),
        ...(wallet_ok ? [] : [t('spirekeeper.form.wallet_gone')]),
        ...(this.status?.warnings ?? []).map(cautionOf)
      ]
    }
  },
  watch: {
    // The browser's Back or Forward leads to a machine, or away from it.
    '$route.query.machine'(id) {
      if (!id) this.show = false
      else if (!this.show || id !== this.machine.id) this.find(id)
    },
    // Back leads to the address without it: what it closes is a step of its own.
    show(shown) {
      if (shown) this.left = backLeaves(() => (this.show = false))
      else this.left()
      goTo({machine: shown ? this.machine.id : undefined}, 'replace')
    }
  },
  methods: {
    open(machine) {
      Object.assign(this, fresh(), {show: true, machine})
      return this.load()
    },
    async find(id) {
      const machine = await call('GET', `/machines/${encodeURIComponent(id)}`)
      if (this.$route.query.machine !== id) return
      await goTo({machine: undefined}, 'replace')
      if (machine) this.open(machine)
    },
    copyLink() {
      const link = new URL(`/spirekeeper/machine/${this.machine.id}`, window.location)
      this.copyText(link.href, t('spirekeeper.panel.link_copied'))
    },
    // Answers may overtake each other; only the one that was asked for last is shown.
    async load() {
      if (!this.show || this.$refs.actions?.busy === 'delete') return // soon it is not there
      const asked = (this.asked = Symbol('request'))
      this.$refs.history?.load()
      this.$refs.journal?.load()
      this.$refs.cash?.load()
      const path = `/machines/${this.machine.id}`
      try {
        // The bunker is asked by the first, so the others tell what came of it.
        const status = await request('GET', `${path}/pairing`)
        const [machine, {data}] = await Promise.all([
          request('GET', path),
          request('GET', `${path}/pairings?limit=${PAIRINGS}`)
        ])
        if (asked !== this.asked || !this.show) return
        const {state, reason, since} = status
        Object.assign(this, {status, pairings: data, machine: {...machine, state, reason, since}})
      } catch (error) {
        if (asked === this.asked && this.show) this.miss(error)
      }
    },
    // A machine that is gone is not shown on; who deletes it here hears of that by the answer. Of
    // anything else the list behind us tells.
    miss(error) {
      if (error.response?.status !== 404 || this.$refs.actions?.busy) return
      this.show = false
      complain(error)
    },
    gone() {
      this.show = false
      this.$emit('deleted', this.machine)
      this.$emit('changed')
    },
    // Its orders are behind the panel: the step back that closes it has to be done before the next.
    orders() {
      const {id} = this.machine
      window.addEventListener(
        'popstate',
        () => setTimeout(() => goTo({...NO_FILTER, view: 'cash', of: id, after: ''})),
        {once: true}
      )
      this.show = false
    },
    pair(options) {
      this.$emit('pair', this.machine, options)
    },
    changed() {
      this.$emit('changed', this.machine)
    }
  },
  mounted() {
    const {machine} = this.$route.query
    if (machine) this.find(machine)
  },
  beforeUnmount() {
    this.left?.()
  }
})
