// How the bunker is: a chip, and behind it all that is known; the superuser also sets it up here.
const {API, askBunker, hazardOf, known, problemOf, t, textOr} = spirekeeper

// To be asked the bunker has to answer several calls, so not every hint is followed.
const AT_MOST_EVERY_MS = 30000
const WHILE_OPEN_MS = 5000

const CHIPS = {
  lost: {color: 'grey', textColor: 'white', icon: 'cloud_off'},
  asking: {color: 'grey', textColor: 'white', icon: 'hourglass_empty'},
  none: {color: 'warning', textColor: 'black', icon: 'add_moderator'},
  failing: {color: 'negative', textColor: 'white', icon: 'gpp_bad'},
  locked: {color: 'warning', textColor: 'black', icon: 'lock'},
  online: {color: 'positive', textColor: 'white', icon: 'verified_user'}
}

window.app.component('spirekeeper-bunker', {
  template: '#spirekeeper-bunker',
  emits: ['changed'],
  data() {
    return {
      show: false,
      editing: false,
      saving: false,
      loading: false,
      report: `${API}/bunker/report`
    }
  },
  computed: {
    status() {
      return known.bunker
    },
    condition() {
      if (known.lost) return 'lost'
      if (!this.status || known.bunkerMissed) return 'asking'
      if (!this.status.configured) return 'none'
      if (!this.status.reachable) return 'failing'
      return this.status.locked_keys ? 'locked' : 'online'
    },
    chip() {
      const {round_trip_ms: ms, locked_keys: locked} = this.status ?? {}
      const numbers = {ms: Math.round(ms ?? 0), n: locked ?? 0}
      const label = t(`spirekeeper.bunker.chips.${this.condition}`, numbers, locked ?? 0)
      return {...CHIPS[this.condition], label}
    },
    // What it means for the machines, and what to do.
    words() {
      if (this.condition === 'none') {
        return t(`spirekeeper.bunker.words.${this.g.user.super_user ? 'enter' : 'none'}`)
      }
      const problem = this.condition === 'failing' && problemOf(this.status)
      return problem || t(`spirekeeper.bunker.words.${this.condition}`)
    },
    facts() {
      const {reachable, source, lineage, keys, locked_keys, round_trip_ms} = this.status ?? {}
      if (!reachable) return []
      return [
        {name: 'lineage', value: lineage},
        {name: 'round_trip', value: `${round_trip_ms} ms`},
        {name: 'keys', value: keys},
        {name: 'locked_keys', value: locked_keys},
        {name: 'source', value: t(`spirekeeper.bunker.sources.${source}`)}
      ]
    }
  },
  methods: {
    problemOf,
    open() {
      this.show = true
      this.editing = false
      this.load(true)
    },
    changed() {
      this.load(true)
      this.$emit('changed')
    },
    async load(now = false) {
      const wait = this.show ? WHILE_OPEN_MS : AT_MOST_EVERY_MS
      if (!now && (this.loading || Date.now() - (this.askedAt ?? 0) < wait)) return
      const asked = (this.askedAt = Date.now())
      this.loading = true
      await askBunker({anew: now})
      if (asked === this.askedAt) this.loading = false
    },
    hazardOf,
    wrongWords({variable, words, reason, values}) {
      return `${variable}: ${textOr(`spirekeeper.errors.wrong.${reason}`, words, values)}`
    }
  },
  created() {
    this.load()
  }
})
