// What a machine may do with cash: what is still to be done until it may, what it sold today, what it may
// still pay for notes, its limits, fees and caps, and why requests were answered with nothing. Fees are
// shown in percent, and sent in millionths.
const {ago, complain, date, refusalOf, request, sats, t, tell, textOr, wordsOf} = spirekeeper

const SWITCHES = ['out_on', 'in_on']
const WORDS = {fee_ppm: 'fee_percent', in_fee_ppm: 'in_fee_percent'} // where they are not the field's name
const HINTS = {fee_ppm: 'fee_hint', in_fee_ppm: 'in_fee_hint'}
const PERCENTS = ['fee_ppm', 'in_fee_ppm']
const CAPS = ['cap_order', 'cap_hour', 'cap_day', 'cap_open']
// What is set for each way that the notes go.
const WAYS = [
  {on: 'out_on', fields: ['smallest', 'largest', 'fee_ppm', 'fee_fixed']},
  {on: 'in_on', fields: [...CAPS, 'in_fee_ppm', 'in_fee_fixed']}
]
const NUMBERS = ['smallest', 'largest', 'fee_fixed', 'in_fee_fixed', ...CAPS]
const AMOUNT = /^\d{1,9}$/
const PERCENT = /^\d{1,2}([.,]\d{1,4})?$/
const MOST_SATS = 100000000
const MOST_PERCENT = 15
const PPM_PER_PERCENT = 10000

const asPpm = percent => Math.round(Number(percent.replace(',', '.')) * PPM_PER_PERCENT)

const each = (fields, value) => Object.fromEntries(fields.map(field => [field, value(field)]))

// As it is typed; a cap that is not set is empty.
const asEntry = cash => ({
  ...each(SWITCHES, field => cash[field]),
  ...each(NUMBERS, field => String(cash[field] ?? '')),
  ...each(PERCENTS, field => String(cash[field] / PPM_PER_PERCENT))
})

// As the server takes it.
const asSent = entry => ({
  ...each(SWITCHES, field => entry[field]),
  ...each(NUMBERS, field => (entry[field] === '' ? null : Number(entry[field]))),
  ...each(PERCENTS, field => asPpm(entry[field]))
})

// The second of this computer's last midnight.
function midnight() {
  return Math.floor(new Date().setHours(0, 0, 0, 0) / 1000)
}

window.app.component('spirekeeper-machine-cash', {
  template: '#spirekeeper-machine-cash',
  props: {machine: {type: Object, required: true}},
  emits: ['pair', 'edit', 'orders', 'changed'],
  data() {
    return {
      WAYS,
      cash: null, // as the server tells it
      base: null, // as it was when what is typed was begun
      entry: {},
      busy: false,
      refused: {}, // by field, and by '' what is about none
      outdated: ''
    }
  },
  computed: {
    changes() {
      const was = this.base ?? {}
      const now = Object.entries(this.entry).length ? asSent(this.entry) : {}
      return Object.fromEntries(Object.entries(now).filter(([name, value]) => value !== was[name]))
    },
    toDo() {
      return this.cash.to_do ?? 'nothing'
    },
    // What leads on to what is to be done, where that is not here.
    leads() {
      return {
        stopped: {label: t('spirekeeper.cash.tab'), run: () => this.$emit('orders')},
        activate: {label: t('spirekeeper.panel.actions.edit'), run: () => this.$emit('edit')},
        wallet: {label: t('spirekeeper.panel.actions.edit'), run: () => this.$emit('edit')},
        pair: {label: t('spirekeeper.common.pair'), run: () => this.$emit('pair', {})}
      }[this.toDo]
    },
    facts() {
      const {cash, machine} = this
      const fact = (key, value, title = '') => ({label: t(`spirekeeper.${key}`), value, title})
      const {orders, sats: amount, fee_sats: fee} = cash.sold
      return [
        fact('common.wallet', machine.wallet_name ?? '–'),
        fact('common.balance', machine.wallet_ok ? sats(machine.balance_sat) : '–', date(machine.balance_at)),
        fact('cash.today', t('spirekeeper.cash.sold', {n: orders, sats: sats(amount)}, orders)),
        fact('cash.fee_today', sats(fee)),
        ...(cash.ready_at ? [fact('cash.ready', ago(cash.ready_at), date(cash.ready_at))] : [])
      ]
    },
    // What its caps and its wallet leave for notes.
    room() {
      const {room, ...caps} = this.cash
      const left = (name, value) => ({label: t(`spirekeeper.cash.room.${name}`), value})
      const of = name => t('spirekeeper.cash.room.of', {left: sats(room[name]), cap: sats(caps[`cap_${name}`])})
      return [
        left('now', sats(room.now)),
        ...['hour', 'day', 'open'].map(name => left(name, of(name))),
        left('wallet', sats(room.wallet))
      ]
    },
    ignored() {
      return Object.entries(this.cash.ignored).map(([why, n]) => ({
        n,
        words: textOr(`spirekeeper.cash.ignored.${why}`, why)
      }))
    },
    amount() {
      return text =>
        (AMOUNT.test(text) && Number(text) > 0 && Number(text) <= MOST_SATS) ||
        t('spirekeeper.cash.amount_range', {most: sats(MOST_SATS)})
    },
    // Empty as long as notes are not taken.
    cap() {
      return text => (text === '' && !this.entry.in_on) || this.amount(text)
    },
    percent() {
      return text =>
        (PERCENT.test(text) && asPpm(text) <= MOST_PERCENT * PPM_PER_PERCENT) ||
        t('spirekeeper.cash.percent_range', {most: MOST_PERCENT})
    },
    fixed() {
      return text =>
        (AMOUNT.test(text) && Number(text) <= MOST_SATS) ||
        t('spirekeeper.cash.fixed_range', {most: sats(MOST_SATS)})
    }
  },
  watch: {
    // A refusal is about what was sent.
    entry: {
      deep: true,
      handler() {
        this.refused = {}
      }
    }
  },
  methods: {
    isPercent: field => PERCENTS.includes(field),
    labelOf: field => t(`spirekeeper.cash.${WORDS[field] ?? field}`),
    hintOf: field => HINTS[field] && t(`spirekeeper.cash.${HINTS[field]}`),
    ruleOf(field) {
      if (this.isPercent(field)) return this.percent
      if (CAPS.includes(field)) return this.cap
      return field.endsWith('fixed') ? this.fixed : this.amount
    },
    // What is being typed stays, whatever is news.
    async load() {
      const asked = (this.asked = Symbol('request'))
      try {
        const cash = await request('GET', `/machines/${this.machine.id}/cash?since=${midnight()}`)
        if (asked !== this.asked) return
        this.cash = cash
        if (!Object.keys(this.changes).length) this.begin()
      } catch (error) {
        if (!this.cash) complain(error) // else what is on show stays until the next hint
      }
    },
    begin() {
      Object.assign(this, {base: this.cash, entry: asEntry(this.cash), outdated: ''})
    },
    async save() {
      const {base, changes, machine} = this
      if (!Object.keys(changes).length) return
      this.busy = true
      try {
        const path = `/machines/${machine.id}/cash`
        const saved = await request('PUT', path, {...changes, version: base.version})
        this.cash = {...this.cash, ...saved, sold: this.cash.sold}
        this.begin()
        tell(t('spirekeeper.cash.saved'))
        this.$emit('changed')
      } catch (error) {
        this.refuse(error, changes)
      }
      this.busy = false
    },
    // Why cash cannot be switched on stands beside its switch.
    refuse(error, changes) {
      const switched = SWITCHES.find(field => changes[field])
      if (error.response?.data?.code === 'edited_meanwhile') this.outdated = wordsOf(error)
      else if (switched && !error.response?.data?.field) this.refused = {[switched]: wordsOf(error)}
      else this.refused = refusalOf(error, this.entry)
    },
    async openAnew() {
      await this.load()
      this.begin()
    }
  },
  created() {
    this.load()
  }
})
