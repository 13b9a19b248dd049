// Pairing many machines: one choice for all, seeds as they come, one sheet a machine to print.
// The seeds are in `sheets` until the dialog closes, and nowhere else.
const {API, ask, cautionOf, date, forgetSheets, printSheets, t, wordsOf} = spirekeeper

const MOST_AT_ONCE = 500

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
  printed: false
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
    }
  },
  methods: {
    open(machines) {
      Object.assign(this, fresh(), {show: true, step: 'options', machines: [...machines]})
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
        if (!this.show) return
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
        throw Object.assign(new Error('refused'), {response: {data: await response.json()}})
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
