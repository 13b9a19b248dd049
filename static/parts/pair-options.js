// With what a seed is made. Its model is what a pair request takes.
const {askBunker, bunker, hazardOf, problemOf, t} = spirekeeper

const SCAN_MINUTES = [10, 60, 1440, 10080]
const MINDED_BEFORE = ['ends_on_nip44', 'many_keys'] // what can make this very machine fail
const SESSION_HOURS = [null, 24, 168, 720, 8760]

window.app.component('spirekeeper-pair-options', {
  template: '#spirekeeper-pair-options',
  props: {
    modelValue: {type: Object, required: true},
    scanFor: {type: Number, default: 60}
  },
  emits: ['update:modelValue'],
  data() {
    return {
      bunker: bunker.last,
      relays: {relays: [], allow_private_relays: false},
      scanMinutes: this.scanFor,
      sessionHours: null,
      legacy: false
    }
  },
  computed: {
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
    }
  },
  methods: {
    problemOf,
    async look() {
      this.bunker = (await askBunker().catch(() => null)) ?? this.bunker
    },
    // The server does too; but the next dialog may open before it is asked again.
    remember() {
      if (bunker.last) bunker.last.pair_relays = this.relays
    },
    choices(values, kind) {
      const label = value => t(`spirekeeper.pair.${kind}.${value ?? 'never'}`)
      return values.map(value => ({value, label: label(value)}))
    }
  },
  created() {
    this.look()
  }
})
