// With what a seed is made. Its model is what a pair request takes.
const {askBunker, hazardOf, known, problemOf, t} = spirekeeper

const LOOK_EVERY_MS = 5000 // while the bunker is away

const SCAN_MINUTES = [10, 60, 1440, 10080]
const MINDED_BEFORE = ['ends_on_nip44', 'many_keys'] // what can make this very machine fail
const SESSION_HOURS = [null, 24, 168, 720, 8760]

window.app.component('spirekeeper-pair-options', {
  template: '#spirekeeper-pair-options',
  props: {
    modelValue: {type: Object, required: true},
    scanFor: {type: Number, default: 60}
  },
  emits: ['update:modelValue', 'update:ready'],
  data() {
    return {
      usable: true,
      relays: {relays: [], allow_private_relays: false},
      scanMinutes: this.scanFor,
      sessionHours: null,
      legacy: false
    }
  },
  computed: {
    // What is known already is said at once, and not found out again by a call that has to fail.
    bunker() {
      return known.bunker
    },
    // null: not known yet, or nobody can tell while a setting of the server is wrong.
    privateAllowed() {
      const {configured, source, private_relays_allowed} = this.bunker ?? {configured: true}
      return configured && !source ? null : private_relays_allowed
    },
    ready() {
      return this.relays.relays.length > 0 && this.usable && !this.bunker?.problem && !known.lost
    },
    choice() {
      return {
        ...this.relays,
        scan_minutes: this.scanMinutes,
        session_hours: this.sessionHours,
        legacy_nip04: this.legacy,
        require_confirmation: true
      }
    },
    minded() {
      return (this.bunker?.hazards ?? []).filter(({code}) => MINDED_BEFORE.includes(code))
    },
    hazards() {
      return this.minded.map(hazardOf)
    },
    endsOnNip44() {
      return this.minded.some(({code}) => code === 'ends_on_nip44')
    },
    scanWindows() {
      return this.choices(SCAN_MINUTES, 'minutes')
    },
    sessions() {
      return this.choices(SESSION_HOURS, 'session')
    }
  },
  watch: {
    choice: {
      immediate: true,
      handler(choice) {
        this.$emit('update:modelValue', choice)
      }
    },
    ready: {
      immediate: true,
      handler(ready) {
        this.$emit('update:ready', ready)
      }
    }
  },
  methods: {
    problemOf,
    look() {
      askBunker()
    },
    // The server does too; but the next dialog may open before it is asked again.
    remember() {
      if (known.bunker) known.bunker.pair_relays = this.relays
    },
    choices(values, kind) {
      const label = value => t(`spirekeeper.pair.${kind}.${value ?? 'never'}`)
      return values.map(value => ({value, label: label(value)}))
    }
  },
  created() {
    this.look()
    this.looking = setInterval(() => this.bunker?.problem && this.look(), LOOK_EVERY_MS)
  },
  beforeUnmount() {
    clearInterval(this.looking)
  }
})
