// The page: `index.vue` is its markup, `parts/` what it is made of, each with its markup beside it.
const {goTo, known, showsCash} = spirekeeper

const HEAD_START_MS = 300
const HIDDEN_MS = 10000 // so often what is not on show is asked for: LNbits allows 200 requests a minute

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
    cash(shown) {
      if (!shown) this.$refs.machines?.load()
    },
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
      const {pair, machines, bunker, ...others} = this.$refs
      const headStart = new Promise(over => setTimeout(over, HEAD_START_MS))
      await Promise.race([Promise.allSettled([pair?.load()]), headStart])
      const hidden = this.cash && Date.now() - this.hiddenAt < HIDDEN_MS
      if (!hidden) this.hiddenAt = Date.now()
      const shown = hidden ? others : {machines, bunker, ...others}
      for (const part of Object.values(shown)) part?.load?.()
    },
    listed(page) {
      this.$refs.waiting.show(page)
      this.$refs.firstDay.show(page)
    }
  },
  created() {
    this.hiddenAt = 0 // when what is not on show was asked for
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
