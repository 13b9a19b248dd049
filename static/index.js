// The page: `index.vue` is its markup, `parts/` what it is made of, each with its markup beside it.
const {goTo, known, showsCash} = spirekeeper

const HEAD_START_MS = 300

window.PageSpirekeeper = {
  template: '#page-spirekeeper',
  data() {
    return {known}
  },
  computed: {
    cash() {
      return showsCash(this.$route.query)
    }
  },
  watch: {
    'known.loggedOut'() {
      this.stopListening()
    }
  },
  methods: {
    goTo,
    // Something changed: each part that is on show asks the server for what it shows. Somebody
    // who holds a machine before a seed waits for just this, so that answer does not have to
    // queue behind the list's.
    async reload() {
      const {pair, ...others} = this.$refs
      const headStart = new Promise(over => setTimeout(over, HEAD_START_MS))
      await Promise.race([Promise.allSettled([pair?.load()]), headStart])
      for (const part of Object.values(others)) part?.load?.()
    },
    listed(page) {
      this.$refs.waiting.show(page)
      this.$refs.firstDay.show(page)
    }
  },
  created() {
    known.loggedOut = false // the page is shown anew, perhaps after a log-in
  },
  mounted() {
    this.stopListening = spirekeeper.listen(this.reload)
    this.stopPainting = spirekeeper.paint()
  },
  beforeUnmount() {
    this.stopListening()
    this.stopPainting()
  }
}
