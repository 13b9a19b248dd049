// A list that the server pages, newest first; `#default="{row}"` shows one of it.
const {complain, request, t} = spirekeeper

const ROWS = 10

window.app.component('spirekeeper-pages', {
  template: '#spirekeeper-pages',
  props: {
    path: {type: String, required: true},
    query: {type: Object, default: () => ({})},
    empty: {type: String, required: true}
  },
  data() {
    return {rows: null, total: 0, offset: 0}
  },
  computed: {
    range() {
      const {offset, rows, total} = this
      return t('spirekeeper.panel.range', {from: offset + 1, to: offset + rows.length, total})
    },
    hasOlder() {
      return this.offset + this.rows.length < this.total
    }
  },
  methods: {
    // Answers may overtake each other; only the one that was asked for last is shown.
    async load(offset = this.offset) {
      const asked = (this.asked = Symbol('request'))
      const query = new URLSearchParams({...this.query, limit: ROWS, offset})
      try {
        const page = await request('GET', `${this.path}?${query}`)
        if (asked === this.asked) Object.assign(this, {rows: page.data, total: page.total, offset})
      } catch (error) {
        if (!this.rows) complain(error) // else what is on show stays until the next hint
      }
    },
    turn(pages) {
      return this.load(Math.max(0, this.offset + pages * ROWS))
    }
  },
  created() {
    this.load()
  }
})
