// Pairing one machine: choose relays, show the seed, wait for the machine, compare fingerprints.
// The seed is in `seed` while it may be scanned, and nowhere else; which machine it is for, the browser
// keeps until then, so that a reload leads back to it.
const {call, cautionOf, forgetSheets, known, printSheets, request} = spirekeeper
const {seedWaits, t, tellEnd, textOr, wordsOf} = spirekeeper

const LOOK_EVERY_MS = 5000 // beside the server's hints, which may not reach us
const TICK_MS = 1000
const MOST_LISTED = 500
const ON_SHOW = 'spirekeeper.on-show' // in the tab's storage
const FOLLOWED = ['scan', 'unshown', 'compare'] // the steps in which something may happen elsewhere
const SLOW_MS = 1500 // after so long the dialog looks whether the bunker has yet to settle

const fresh = () => ({
  show: false,
  step: '', // options, scan, unshown (its seed, after a reload), compare, paired, ended
  machine: null,
  options: {},
  busy: false,
  leaving: false,
  choice: {},
  ready: false,
  seed: null,
  endsAt: 0, // when the seed does, by this browser's clock
  secondsLeft: 0,
  status: null,
  pairingId: null,
  pairing: null,
  seen: '', // by camera: same, other
  reason: '',
  owing: false,
  problem: '',
  next: null, // another machine that waits to be compared
  passed: [] // the ids of those that had their turn before this one
})

window.app.component('spirekeeper-pair', {
  template: '#spirekeeper-pair',
  emits: ['changed'],
  data: () => ({...fresh(), known}),
  computed: {
    title() {
      return this.machine?.name ?? ''
    },
    // What pairing will do to this machine, said before it is done.
    intent() {
      const {rotate, revoke_now, keep_identity} = this.options
      const connected = !!this.machine.connected_since
      const key =
        (this.machine.cut_at && (keep_identity ? 'after_cut_same' : 'after_cut')) ||
        (revoke_now && 'now') ||
        (rotate && (connected ? 'rotate_connected' : 'rotate')) ||
        (connected ? 'again_connected' : 'first')
      const told = [t(`spirekeeper.pair.intent.${key}`)]
      if (seedWaits(this.machine)) {
        told.push(t('spirekeeper.pair.intent.older_seed'))
      }
      return told.join(' ')
    },
    countdown() {
      const left = Math.max(0, this.secondsLeft)
      const [days, hours] = [Math.floor(left / 86400), Math.floor(left / 3600) % 24]
      const clock = new Date(left * 1000).toISOString().slice(hours ? 11 : 14, 19)
      const time = days ? `${t('spirekeeper.pair.days', {n: days})} ${clock}` : clock
      return t('spirekeeper.pair.left', {time})
    },
    warnings() {
      const told = [...this.seed.warnings, ...(this.status?.warnings ?? [])].map(cautionOf)
      if (this.status?.bunker === 'unreachable') told.push(t('spirekeeper.pair.unreachable'))
      if (this.status?.state === 'locked') told.push(t('spirekeeper.pair.locked'))
      return [...new Set(told)]
    },
    outcome() {
      if (this.step === 'paired') return t('spirekeeper.pair.paired')
      return textOr(`spirekeeper.reasons.${this.reason}`, t('spirekeeper.pair.ended'))
    }
  },
  watch: {
    show(shown) {
      if (shown) this.ticking = setInterval(this.tick, TICK_MS)
      else clearInterval(this.ticking)
    },
    // The button that had the keyboard's focus went with its step.
    step(step) {
      if (step === 'scan') sessionStorage.setItem(ON_SHOW, this.machine.id)
      else if (step !== 'unshown') sessionStorage.removeItem(ON_SHOW)
      this.$nextTick(() => this.$refs.dialog?.focus())
    }
  },
  methods: {
    // `options`: rotate, revoke_now, keep_identity, as a pair request takes them. A machine whose client waits to be judged is compared first; any other gets a seed.
    async open(machine, options = {}, passed = []) {
      Object.assign(this, fresh(), {show: true, machine, options, passed})
      if (machine.state !== 'confirming') {
        this.step = 'options'
        return
      }
      await this.look()
      if (!this.step) this.show = false // nothing to compare any more: the list says what is
    },
    // Its seed was on show when the page was left, and is in nobody's hands but those it was shown to.
    async reopen(id) {
      const machine = await request('GET', `/machines/${id}`).catch(() => null)
      if (!machine || this.show) return
      if (seedWaits(machine)) Object.assign(this, fresh(), {show: true, step: 'unshown', machine})
      else if (machine.state === 'confirming') this.open(machine)
      else sessionStorage.removeItem(ON_SHOW)
    },
    async pair() {
      this.$refs.choice.remember()
      const slow = setTimeout(() => this.$refs.choice?.look(), SLOW_MS)
      const seed = await this.ask(`/machines/${this.machine.id}/pair`, {
        ...this.choice,
        ...this.options
      })
      clearTimeout(slow)
      if (!seed) return
      this.pairingId = seed.pairing_id
      this.endsAt = Date.now() + this.choice.scan_minutes * 60000
      this.count()
      this.seed = seed
      this.step = 'scan'
      this.$emit('changed')
    },
    tick() {
      const due = Date.now() - (this.lookedAt ?? 0) >= LOOK_EVERY_MS
      const over = this.step === 'scan' && this.count()
      if (due || over) this.load()
    },
    // By the clock: a laptop that sleeps does not tick. True once the time is over.
    count() {
      const were = this.secondsLeft
      this.secondsLeft = Math.ceil((this.endsAt - Date.now()) / 1000)
      return were > 0 && this.secondsLeft <= 0
    },
    async load() {
      if (FOLLOWED.includes(this.step)) await this.look()
    },
    // Where our pairing stands, and with it the step that the operator sees.
    async look() {
      this.lookedAt = Date.now()
      const {id} = this.machine
      const status = await request('GET', `/machines/${id}/pairing`).catch(() => null)
      if (!status || this.machine?.id !== id || this.busy) return
      this.status = status
      this.pairingId ??= status.pairing?.id
      const pairing = await this.ours(id, status)
      if (pairing && this.machine?.id === id) this.follow(pairing, status)
    },
    // Once it has ended, what the status tells of is an older connection.
    async ours(id, {pairing}) {
      if (pairing?.id === this.pairingId) return pairing
      const page = await request('GET', `/machines/${id}/pairings?limit=10`).catch(() => null)
      return page?.data.find(each => each.id === this.pairingId)
    },
    follow(pairing, status) {
      this.pairing = pairing
      const lapsed = status.reason === 'seed_lapsed' && !pairing.redeemed_at
      if (pairing.confirming) this.go('compare')
      else if (pairing.connected) this.go('paired')
      else if (pairing.ended_at || lapsed) this.end(pairing.end_reason ?? status.reason)
    },
    end(reason) {
      this.reason = reason
      this.go('ended')
    },
    // A seed that was scanned or has ended need not be kept any longer.
    go(step) {
      if (this.step === step) return
      this.step = step
      this.seed = null
      this.leaving = false
      this.$emit('changed')
      this.lookForNext()
    },
    async lookForNext() {
      const {id} = this.machine
      const limit = Math.min(this.passed.length + 2, MOST_LISTED)
      const path = `/machines?state=confirming&sortby=name&limit=${limit}`
      const page = await request('GET', path).catch(() => null)
      if (!page || this.machine?.id !== id) return
      const others = page.data.filter(each => each.id !== id)
      this.next = others.find(each => !this.passed.includes(each.id)) ?? others[0]
    },
    compareNext() {
      const passed = this.passed.filter(id => id !== this.next.id)
      this.open(this.next, {}, [...passed, this.machine.id])
    },
    async judge(verdict) {
      const {client_pubkey} = this.pairing
      const path = `/machines/${this.machine.id}/pairing/${verdict}`
      const result = await this.ask(path, {client_pubkey})
      if (!result) return this.look() // it may have ended a moment ago
      this.owing = result.bunker === 'pending'
      if (verdict === 'confirm') this.go('paired')
      else this.end('rejected')
    },
    // Posts; what went wrong stays on show in the dialog.
    async ask(path, data) {
      this.busy = true
      this.problem = ''
      try {
        return await request('POST', path, data)
      } catch (error) {
        this.problem = wordsOf(error)
      } finally {
        this.busy = false
      }
    },
    async cancelSeed() {
      this.busy = true
      const result = await call('DELETE', `/machines/${this.machine.id}/pairing`)
      this.busy = false
      this.leaving = false
      if (!result) return this.look() // it may have been scanned a moment ago
      this.show = false
      tellEnd('spirekeeper.pair.cancelled', result)
      this.$emit('changed')
    },
    close() {
      if (this.busy) return
      if (this.step === 'scan') this.leaving = !this.leaving
      else this.show = false
    },
    async again() {
      const machine = await call('GET', `/machines/${this.machine.id}`)
      if (machine) this.open(machine, this.options)
    },
    forget() {
      forgetSheets()
      Object.assign(this, fresh())
    },
    copy() {
      LNbits.utils.copyText(this.seed.seed_url, t('spirekeeper.pair.seed_copied'))
    },
    print() {
      printSheets([{...this.machine, ...this.seed}])
    }
  },
  created() {
    const id = sessionStorage.getItem(ON_SHOW)
    if (id) this.reopen(id)
  },
  beforeUnmount() {
    clearInterval(this.ticking)
    this.forget()
  }
})
