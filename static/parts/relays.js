// Which relays a seed names: remembered from last time, tried from the server as they are typed.
// Its model is what a pair request takes: {relays, allow_private_relays}.
const {request, t, wordsOf} = spirekeeper

const REMEMBERED = 'spirekeeper.relays'
const NOTHING = {relays: [], allow_private_relays: false}

window.app.component('spirekeeper-relays', {
  template: '#spirekeeper-relays',
  props: {
    modelValue: {type: Object, required: true},
    privateAllowed: {type: Boolean, default: false}
  },
  emits: ['update:modelValue'],
  data() {
    return {rows: [{url: ''}], allowPrivate: false, checks: {}}
  },
  computed: {
    choice() {
      const relays = this.rows.map(row => row.url).filter(Boolean)
      return {
        relays: [...new Set(relays)],
        allow_private_relays: this.allowPrivate && this.privateAllowed
      }
    }
  },
  watch: {
    // Whether this instance allows private relays is known a moment after the dialog has opened.
    privateAllowed: 'changed'
  },
  methods: {
    changed() {
      this.$emit('update:modelValue', this.choice)
      this.choice.relays.forEach(this.tryRelay)
    },
    remove(index) {
      this.rows.splice(index, 1)
      this.changed()
    },
    remember() {
      this.$q.localStorage.setItem(REMEMBERED, this.choice)
    },
    async tryRelay(url) {
      const key = this.checkKey(url)
      if (this.checks[key]) return
      this.checks[key] = 'running'
      try {
        const {allow_private_relays} = this.choice
        const [{reachable, code}] = await request('POST', '/relays/check', {
          relays: [url],
          allow_private_relays
        })
        this.checks[key] = {reachable, code}
      } catch (error) {
        this.checks[key] = {reachable: false, problem: wordsOf(error)}
      }
    },
    checkKey(url) {
      return `${this.choice.allow_private_relays} ${url}`
    },
    check(row) {
      return this.checks[this.checkKey(row.url)]
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
    }
  },
  created() {
    const {relays, allow_private_relays} = this.$q.localStorage.getItem(REMEMBERED) ?? NOTHING
    if (relays.length) this.rows = relays.map(url => ({url}))
    this.allowPrivate = allow_private_relays
    this.changed()
  }
})
