// The superuser's side of the bunker: entering its connection, testing, comparing, forgetting it.
// Secrets go in and never come back, but for a passphrase that was made: it is shown this once.
const {ago, ask, askBunker, backLeaves, call, complain, problemOf, refusalOf, request, t, wordsOf} =
  spirekeeper

const emptied = () => ({
  bunker_url: '',
  admin_nsec: '',
  key_passphrase: '',
  allow_private_relays: false,
  bunker_relays_for_machines: false,
  machine_relays: {relays: []},
  mint: 'bunker'
})

window.app.component('spirekeeper-bunker-setup', {
  template: '#spirekeeper-bunker-setup',
  props: {
    status: {type: Object, required: true},
    editing: {type: Boolean, required: true},
    saving: {type: Boolean, required: true}, // what then comes back is shown this once
    loading: {type: Boolean, default: false}
  },
  emits: ['update:editing', 'update:saving', 'changed'],
  data() {
    return {
      entry: emptied(),
      busy: '', // testing, forgetting, comparing, making
      named: null, // the relays for machines, as they were
      tested: null,
      refused: {}, // by field, and by '' what is about none
      version: 0, // of the settings, as they were when they were opened
      outdated: '',
      stored: null,
      kept: false,
      report: null
    }
  },
  computed: {
    // What is stored is kept, what the environment gives is not taken over.
    leftEmpty() {
      return this.status.source === 'database' ? 'kept' : 'made'
    },
    // A passphrase that was made is shown this once.
    mayLeave() {
      return !this.stored?.generated_passphrase || this.kept
    },
    testedClass() {
      const {reachable, problem_code} = this.tested
      const fine = reachable || problem_code === 'key_needed'
      return fine ? 'bg-positive text-white' : 'bg-warning text-black'
    },
    testedWords() {
      const {reachable, round_trip_ms, keys, lineage} = this.tested
      if (!reachable) return problemOf(this.tested)
      const ms = Math.round(round_trip_ms)
      return t('spirekeeper.bunker.setup.works', {ms, lineage, n: keys}, keys)
    }
  },
  watch: {
    stored(stored) {
      if (stored) this.left = backLeaves(this.done, () => !this.mayLeave)
      else this.left()
    },
    // A result is about what was entered when it was asked for.
    entry: {
      deep: true,
      handler() {
        this.tested = null
        this.refused = {}
      }
    }
  },
  methods: {
    ago,
    problemOf,
    edit() {
      this.report = null
      this.entry = {
        ...emptied(),
        bunker_url: this.currentUrl(),
        allow_private_relays: this.status.private_relays_allowed ?? false,
        bunker_relays_for_machines: this.status.bunker_relays_for_machines ?? false,
        mint: this.status.mint ?? 'bunker'
      }
      this.named = {relays: this.status.machine_relays ?? []}
      this.version = this.status.version
      this.$emit('update:editing', true)
    },
    stop() {
      this.$emit('update:editing', false)
      this.entry = emptied()
      this.tested = null
      this.refused = {}
      this.outdated = ''
    },
    async editAnew() {
      await askBunker({anew: true})
      this.outdated = ''
      this.edit()
    },
    currentUrl() {
      const {bunker_npub: npub, relays} = this.status
      if (!npub) return ''
      return `bunker://${npub}?${relays.map(url => `relay=${encodeURIComponent(url)}`).join('&')}`
    },
    entered() {
      const {admin_nsec, key_passphrase, machine_relays, ...rest} = this.entry
      return {
        ...rest,
        version: this.version,
        machine_relays: machine_relays.relays,
        ...(admin_nsec && {admin_nsec}),
        ...(key_passphrase && {key_passphrase})
      }
    },
    async test() {
      this.busy = 'testing'
      this.tested = null
      this.refused = {}
      const asked = this.entry
      const isAsked = () => asked === this.entry && this.editing
      try {
        const tested = await request('POST', '/bunker/test', this.entered())
        if (isAsked()) this.tested = tested
      } catch (error) {
        if (isAsked()) this.refuse(error)
      }
      this.busy = ''
    },
    async refuse(error) {
      if (error.response?.data?.code === 'edited_meanwhile') {
        this.outdated = wordsOf(error)
        return
      }
      this.refused = refusalOf(error, this.entry)
      await this.$nextTick()
      this.$el.querySelector('.q-field--error')?.scrollIntoView({block: 'nearest'})
    },
    async save() {
      this.$emit('update:saving', true)
      const entered = this.entered()
      const stored = await this.sent(force => request('PUT', '/bunker', {...entered, force}))
      this.$emit('update:saving', false)
      if (!stored) return
      this.stop()
      this.tell(stored)
    },
    tell(stored) {
      this.kept = false
      this.stored = stored
      this.$emit('changed')
    },
    async makePassphrase() {
      const sure = await ask({
        title: t('spirekeeper.bunker.setup.make_passphrase'),
        message: t('spirekeeper.bunker.setup.make_passphrase_question'),
        ok: t('spirekeeper.bunker.setup.make_passphrase')
      })
      if (!sure) return
      this.$emit('update:saving', true)
      const stored = await call('POST', '/bunker/passphrase')
      this.$emit('update:saving', false)
      if (stored) this.tell(stored)
    },
    isKept() {
      this.kept = true
      this.$emit('changed')
    },
    done() {
      if (this.mayLeave) this.stored = null
    },
    async forget() {
      const sure = await ask({
        title: t('spirekeeper.bunker.setup.forget'),
        message: t('spirekeeper.bunker.setup.forget_question'),
        ok: t('spirekeeper.bunker.setup.forget'),
        color: 'negative'
      })
      if (!sure) return
      this.report = null
      this.busy = 'forgetting'
      const {version} = this.status
      const gone = await this.sent(async force => {
        await request('DELETE', `/bunker?force=${force}&version=${version}`)
        return true
      })
      this.busy = ''
      if (gone) this.$emit('changed')
    },
    // Changing bunkers under machines that are paired is asked about once, then forced.
    async sent(send, force = false) {
      try {
        return await send(force)
      } catch (error) {
        if (force || error.response?.data?.code !== 'machines_paired') {
          return void (this.editing ? this.refuse(error) : complain(error))
        }
      }
      const sure = await ask({
        title: t('spirekeeper.bunker.setup.paired_title'),
        message: t('spirekeeper.bunker.setup.paired'),
        ok: t('spirekeeper.bunker.setup.go_on'),
        color: 'negative'
      })
      if (sure) return this.sent(send, true)
    },
    async compare() {
      this.busy = 'comparing'
      this.report = (await call('POST', '/bunker/reconcile')) ?? null
      this.busy = ''
      if (!this.report) return
      this.$emit('changed')
      await this.$nextTick()
      this.$refs.findings?.$el.scrollIntoView({block: 'nearest'})
    }
  },
  created() {
    if (!this.status.configured) this.edit()
  },
  beforeUnmount() {
    this.stop()
    this.left?.()
    this.stored = null
  }
})
