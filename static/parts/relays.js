// Which relays a machine uses, tried from the server as they are typed.
// Its model is what a pair request takes: {relays, allow_private_relays}.
const {cautionOf, request, t, wordsOf} = spirekeeper

const AGAIN_EVERY_MS = 10000 // for those that did not answer
// What is wrong with a relay itself, for which the server refuses a request that names it.
const REFUSED = ['malformed', 'several', 'not_encrypted', 'private']
// Where the next relay begins in a list that was pasted into one field, which loses line breaks;
// and what is between relays that are listed by their names alone.
const ANOTHER = /[\s,;|]*(?=wss?:\/\/)/i
const BETWEEN = /[\s,;|]+/

window.app.component('spirekeeper-relays', {
  template: '#spirekeeper-relays',
  props: {
    modelValue: {type: Object, required: true},
    suggested: {type: Object, default: null}, // as the model; taken while nothing is entered
    privateAllowed: {type: Boolean, default: null}, // null: it is not known yet
    setting: {type: Boolean, default: false} // the instance's, whose form says which are allowed
  },
  emits: ['update:modelValue', 'update:usable'],
  data() {
    return {rows: [{url: ''}], allowPrivate: false, checks: {}}
  },
  computed: {
    choice() {
      const relays = this.rows.map(({url}) => meant(url)).filter(Boolean)
      return {
        relays: [...new Set(relays)],
        allow_private_relays: this.privateAllowed !== false && (this.allowPrivate || this.setting)
      }
    },
    texts() {
      return this.setting
        ? {title: 'bunker.setup.machine_relays', hint: 'bunker.setup.machine_relays_hint'}
        : {title: 'relays.title', hint: 'relays.hint'}
    },
    // Whether it may be that a seed names these.
    usable() {
      const found = this.rows.filter(row => row.url).map(row => this.check(row)?.code)
      return !found.some(code => REFUSED.includes(code)) && !(found.length && found.every(Boolean))
    }
  },
  watch: {
    // Both may be known only a moment after the dialog has opened.
    privateAllowed: 'changed',
    suggested: 'suggest',
    usable(usable) {
      this.$emit('update:usable', usable)
    }
  },
  methods: {
    async changed() {
      await this.$nextTick() // a field that got back what it had before would go on showing the list
      this.rows = this.rows.flatMap(each)
      this.$emit('update:modelValue', this.choice)
      this.choice.relays.forEach(this.tryRelay)
    },
    remove(index) {
      this.rows.splice(index, 1)
      this.changed()
    },
    suggest() {
      const {relays, allow_private_relays} = this.suggested ?? {}
      if (!relays?.length || this.choice.relays.length) return
      this.rows = relays.map(url => ({url}))
      this.allowPrivate = allow_private_relays
      this.changed()
    },
    left(row) {
      row.url = meant(row.url)
    },
    async tryRelay(url) {
      const key = this.checkKey(url)
      if (this.checks[key]) return
      this.checks[key] = 'running'
      await this.look(url, key)
    },
    async tryAgain() {
      for (const url of this.choice.relays) {
        const key = this.checkKey(url)
        const {code} = this.checks[key] ?? {}
        if (code && !REFUSED.includes(code)) await this.look(url, key)
      }
    },
    async look(url, key) {
      try {
        const {allow_private_relays} = this.choice
        const [{reachable, code, cautions}] = await request('POST', '/relays/check', {
          relays: [url],
          allow_private_relays
        })
        this.checks[key] = {reachable, code, cautions}
      } catch (error) {
        this.checks[key] = {reachable: false, problem: wordsOf(error), cautions: []}
      }
    },
    checkKey(url) {
      return `${this.choice.allow_private_relays} ${url}`
    },
    check(row) {
      return this.checks[this.checkKey(meant(row.url))]
    },
    problem(row) {
      const check = this.check(row)
      if (!check || check === 'running' || check.reachable) return ''
      return check.problem ?? t(`spirekeeper.relays.problems.${check.code}`)
    },
    found(row) {
      const check = this.check(row)
      if (check === 'running') return t('spirekeeper.relays.trying')
      return check?.reachable ? t('spirekeeper.relays.reachable') : ''
    },
    cautions(row) {
      return (this.check(row)?.cautions ?? []).map(cautionOf)
    },
    icon(row) {
      return this.cautions(row).length
        ? {name: 'warning_amber', color: 'warning'}
        : {name: 'check_circle', color: 'positive'}
    }
  },
  created() {
    this.suggest()
    this.trying = setInterval(this.tryAgain, AGAIN_EVERY_MS)
  },
  beforeUnmount() {
    clearInterval(this.trying)
  }
})

// The rows for what was typed or pasted into one.
function each(row) {
  const urls = row.url.split(row.url.includes('://') ? ANOTHER : BETWEEN).filter(Boolean)
  return urls.length > 1 ? urls.map(url => ({url})) : [row]
}

// By its name alone, an encrypted relay is meant.
function meant(url) {
  return url && !url.includes('://') ? `wss://${url}` : url
}
