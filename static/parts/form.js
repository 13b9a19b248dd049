// One dialog that adds a machine and changes one. It mirrors the server's rules; where the server
// still refuses, its words appear at the field.
const {call, loadWallets, refusalOf, request, setApart, t, tell, wordsOf} = spirekeeper

const LAST_CURRENCY = 'spirekeeper.currency'
const FIAT = /^[A-Z]{3}$/
const NO_TEXT = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u
const MOST_MINUTES = 525600
const MOST_TAGS = 10

const emptied = () => ({
  name: '',
  location: '',
  tags: [],
  wallet_id: null,
  fiat_code: 'EUR',
  is_active: true,
  silent_minutes: 0
})

// The columns of a machine that are changed here, as the server takes them.
const asEntry = machine => {
  const fields = Object.keys(emptied()).map(field => [field, machine[field]])
  return {...Object.fromEntries(fields), silent_minutes: machine.silent_minutes ?? 0}
}

window.app.component('spirekeeper-form', {
  template: '#spirekeeper-form',
  emits: ['changed'],
  data() {
    return {
      show: false,
      busy: false,
      machine: null,
      entry: emptied(),
      silent: '', // what is typed; an empty field is 0 minutes
      wallets: null,
      filter: '',
      refused: {}, // by field, and by '' what is about none
      MOST_TAGS,
      tag: '', // what is typed of the next one
      outdated: ''
    }
  },
  computed: {
    title() {
      const {machine} = this
      return machine
        ? t('spirekeeper.form.edit_title', {name: setApart(machine.name)})
        : t('spirekeeper.form.add_title')
    },
    currencies() {
      const {allowedCurrencies, currencies} = this.g
      const all = allowedCurrencies?.length ? allowedCurrencies : currencies
      return all.filter(code => FIAT.test(code))
    },
    shownCurrencies() {
      return this.currencies.filter(code => code.includes(this.filter.toUpperCase()))
    },
    // The operator's own that serve no other machine.
    walletOptions() {
      const own = this.machine?.id ?? null
      const free = (this.wallets ?? []).filter(
        wallet => !wallet.machine_id || wallet.machine_id === own
      )
      const options = free.map(({id, name}) => ({
        value: id,
        label: free.some(other => other.name === name && other.id !== id)
          ? `${setApart(name)} · ${id.slice(0, 5)}`
          : name
      }))
      if (!this.machine) {
        options.unshift({value: null, label: t('spirekeeper.form.make_wallet')})
      } else if (!this.wallets && this.entry.wallet_id) {
        options.unshift({value: this.entry.wallet_id, label: '…'})
      }
      return options
    },
    walletHint() {
      const gone = this.machine && !this.machine.wallet_ok
      return t(`spirekeeper.form.${gone ? 'wallet_gone' : 'wallet_hint'}`)
    },
    // What differs from the machine as it was when the dialog opened.
    changes() {
      const was = asEntry(this.machine)
      return Object.fromEntries(
        Object.entries(this.entry).filter(([field, value]) => value !== was[field])
      )
    },
    needName() {
      return text => !!text || t('spirekeeper.form.name_needed')
    },
    oneLine() {
      return text => !NO_TEXT.test(text) || t('spirekeeper.form.one_line')
    },
    minutes() {
      return text =>
        (/^\d*$/.test(text) && Number(text) <= MOST_MINUTES) ||
        t('spirekeeper.form.silent_range', {most: MOST_MINUTES})
    }
  },
  watch: {
    // A refusal is about what was sent.
    entry: {
      deep: true,
      handler() {
        this.refused = {}
      }
    },
    silent(text) {
      this.entry.silent_minutes = Number(text) || 0
    }
  },
  methods: {
    async open(machine) {
      this.machine = machine && {...machine, wallet_id: machine.wallet_ok ? machine.wallet_id : null}
      this.entry = machine
        ? asEntry(this.machine)
        : {...emptied(), fiat_code: this.lastCurrency()}
      this.silent = this.entry.silent_minutes ? String(this.entry.silent_minutes) : ''
      this.refused = {}
      this.outdated = ''
      this.wallets = null
      this.show = true
      this.wallets = (await call('GET', '/wallets')) ?? []
    },
    lastCurrency() {
      const last = this.$q.localStorage.getItem(LAST_CURRENCY)
      const known = [last, 'EUR'].find(code => this.currencies.includes(code))
      return known ?? this.currencies[0] ?? 'EUR'
    },
    async save() {
      const {machine} = this
      this.busy = true
      try {
        const saved = machine ? await this.edit(machine) : await this.add()
        this.show = false
        this.$emit('changed', saved)
      } catch (error) {
        const outdated = error.response?.data?.code === 'edited_meanwhile'
        if (outdated) this.outdated = wordsOf(error)
        else this.refused = refusalOf(error, this.entry)
      } finally {
        this.busy = false
      }
    },
    async add() {
      const {name, location, tags, wallet_id, fiat_code} = this.entry
      const entry = {name, location, tags, wallet_id, fiat_code}
      const machine = await request('POST', '/machines', entry)
      this.$q.localStorage.setItem(LAST_CURRENCY, fiat_code)
      if (!wallet_id) await loadWallets()
      tell(t('spirekeeper.form.added', {name: setApart(name)}))
      return machine
    },
    edit(machine) {
      const {changes} = this
      if (!Object.keys(changes).length) return machine
      return request('PUT', `/machines/${machine.id}`, {...changes, version: machine.version})
    },
    async openAnew() {
      const machine = await call('GET', `/machines/${this.machine.id}`)
      if (machine) this.open(machine)
    },
    // One that was typed and not ended with Enter counts too.
    addTag() {
      const {entry, tag} = this
      const known = !tag.trim() || entry.tags.includes(tag.trim())
      if (!known && entry.tags.length < MOST_TAGS) entry.tags = [...entry.tags, tag.trim()]
      this.tag = ''
    },
    filterCurrencies(text, update) {
      update(() => {
        this.filter = text
      })
    }
  }
})
