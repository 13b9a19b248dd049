// Pairing many machines: one choice for all, seeds as they come, one sheet a machine to print.
// The seeds are in `sheets` until the dialog closes, and nowhere else; which machines they are for, the
// browser keeps until they are printed, so that a reload leads back to them.
const {API, ask, cautionOf, date, forgetSheets} = spirekeeper
const {noteLogOut, printSheets, request, t, wordsOf} = spirekeeper

const MOST_AT_ONCE = 500
const WAITING = ['awaiting_scan', 'replacing']
const UNPRINTED = 'spirekeeper.unprinted' // in the tab's storage

const fresh = () => ({
  show: false,
  step: '', // options, running, done
  machines: [],
  options: {},
  answered: 0,
  sheets: [],
  failures: [],
  warnings: [],
  problem: '',
  printing: false,
  printed: false,
  ready: false,
  reopened: false // after a reload: their sheets were never printed
})

window.app.component('spirekeeper-fleet-pair', {
  template: '#spirekeeper-fleet-pair',
  emits: ['changed'],
  data: fresh,
  computed: {
    title() {
      const n = this.machines.length
      return t('spirekeeper.fleet.pair', {n}, n)
    },
    // What it will do to machines that were paired before.
    intent() {
      const connected = this.machines.filter(machine => machine.connected_since).length
      const cut = this.machines.filter(machine => machine.cut_at).length
      const told = [t('spirekeeper.fleet.intent')]
      if (connected) told.push(t('spirekeeper.fleet.connected', {n: connected}, connected))
      if (cut) told.push(t('spirekeeper.fleet.cut', {n: cut}, cut))
      return told
    },
    progress() {
      const of = this.machines.length
      if (this.step === 'running') {
        return t('spirekeeper.fleet.running', {n: this.answered, of})
      }
      return t('spirekeeper.fleet.ready', {n: this.sheets.length, of}, this.sheets.length)
    },
    unprinted() {
      return this.step === 'running' || (this.sheets.length > 0 && !this.printed)
    },
    next() {
      return t('spirekeeper.fleet.next', {
        until: date(this.sheets[0].scan_before),
        state: t('spirekeeper.states.confirming')
      })
    }
  },
  watch: {
    // What had the keyboard's focus is gone with its step.
    step(step) {
      if (step) this.$nextTick(() => this.$refs.dialog?.focus())
    },
    unprinted(unprinted) {
      const ids = this.machines.map(machine => machine.id)
      if (unprinted) sessionStorage.setItem(UNPRINTED, ids.join(' '))
      else sessionStorage.removeItem(UNPRINTED)
    }
  },
  methods: {
    open(machines, more = {}) {
      Object.assign(this, fresh(), {show: true, step: 'options', machines: [...machines]}, more)
    },
    // Of those, as many as one page of the list holds, whose seed nobody has scanned.
    async reopen(ids) {
      const page = state => request('GET', `/machines?limit=${MOST_AT_ONCE}&state=${state}`)
      const pages = await Promise.all(WAITING.map(page)).catch(() => null)
      if (!pages || this.show) return
      const machines = pages.flatMap(({data}) => data).filter(({id}) => ids.includes(id))
      if (machines.length) this.open(machines, {reopened: true})
      sessionStorage.removeItem(UNPRINTED)
    },
    async pair() {
      this.$refs.options.remember()
      const {options, machines} = this
      Object.assign(this, {step: 'running', problem: ''})
      this.hangUp = new AbortController()
      try {
        for (let first = 0; first < machines.length; first += MOST_AT_ONCE) {
          const ids = machines.slice(first, first + MOST_AT_ONCE).map(machine => machine.id)
          await this.pairThese({...options, machine_ids: ids}, this.hangUp.signal)
        }
      } catch (error) {
        if (noteLogOut(error) || !this.show) return
        this.problem = this.interrupted(error)
      }
      this.step = this.answered ? 'done' : 'options'
      this.$emit('changed')
    },
    async pairThese(wanted, signal) {
      const response = await fetch(`${API}/machines/pair`, {
        method: 'POST',
        headers: {'Content-Type': 'application/json'},
        body: JSON.stringify(wanted),
        signal
      })
      if (!response.ok) {
        const {status} = response
        throw Object.assign(new Error('refused'), {response: {status, data: await response.json()}})
      }
      for await (const line of linesOf(response)) this.take(line)
    },
    take(line) {
      const machine = this.machines.find(each => each.id === line.machine_id)
      this.answered += 1
      if (!line.ok) {
        const words = wordsOf({response: {data: line}})
        this.failures.push({id: machine.id, name: machine.name, words})
        return
      }
      const {seed_url, scan_before, spire_fingerprint, warnings} = line
      const {name, location} = machine
      this.sheets.push(
        Object.freeze({name, location, seed_url, scan_before, spire_fingerprint})
      )
      this.warnings = [...new Set([...this.warnings, ...warnings.map(cautionOf)])]
    },
    // Pairs under way finish, but nobody reads their seeds.
    halt() {
      this.hangUp.abort()
    },
    interrupted(error) {
      const n = this.machines.length - this.answered
      const why = error.name === 'AbortError' ? '' : wordsOf(error)
      return this.answered ? `${why} ${t('spirekeeper.fleet.halted', {n}, n)}` : why
    },
    async print() {
      this.printing = true
      const printed = await printSheets(this.sheets)
      this.printing = false
      if (printed) this.printed = true
    },
    async close() {
      const n = this.sheets.length
      if (n && !this.printed) {
        const sure = await ask({
          title: t('spirekeeper.fleet.unprinted_title'),
          message: t('spirekeeper.fleet.unprinted', {n}, n),
          ok: t('spirekeeper.fleet.close_anyway'),
          color: 'negative'
        })
        if (!sure) return
      }
      this.show = false
    },
    forget() {
      this.hangUp?.abort()
      forgetSheets()
      Object.assign(this, fresh())
    }
  },
  created() {
    const ids = sessionStorage.getItem(UNPRINTED)
    if (ids) this.reopen(ids.split(' '))
  },
  beforeUnmount() {
    this.forget()
  }
})

// The answer, one JSON value a line, as each arrives.
async function* linesOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const {value, done} = await reader.read()
    if (done) return
    const lines = (rest + value).split('\n')
    rest = lines.pop()
    yield* lines.map(line => JSON.parse(line))
  }
}
