// LNbits loads this one script for the page; the page's parts are loaded from here.
// A part is `parts/NAME.vue`, its markup, and `parts/NAME.js`, an ES module.
;(() => {
  const STATIC = '/spirekeeper/static'
  const HEAD_START_MS = 300
  const PARTS = [
    ...['dialog', 'state', 'row-actions', 'relays', 'qr', 'camera', 'copyable', 'findings', 'bunker-setup'],
    ...['pages', 'history', 'journal', 'machine-actions', 'abandoned'],
    ...['pair-options', 'fleet-pair', 'fleet-import', 'fleet-stop'],
    ...['machines', 'notices', 'bunker', 'form', 'pair', 'panel', 'fleet']
  ]

  const load = path => import(LNbits.utils.url_for(`${STATIC}/${path}.js`))

  const loadPart = async name => {
    await LNbits.utils.loadTemplate(`${STATIC}/parts/${name}.vue`)
    window.app.component(`spirekeeper-${name}`, (await load(`parts/${name}`)).default)
  }

  const page = listen => ({
    template: '#page-spirekeeper',
    methods: {
      // Something changed: each part that is on show asks the server for what it shows. Somebody
      // who holds a machine before a seed waits for just this, so that answer does not have to
      // queue behind the list's.
      async reload() {
        const {pair, ...others} = this.$refs
        const headStart = new Promise(over => setTimeout(over, HEAD_START_MS))
        await Promise.race([Promise.allSettled([pair?.load()]), headStart])
        for (const part of Object.values(others)) part.load?.()
      }
    },
    mounted() {
      this.stopListening = listen(this.reload)
    },
    beforeUnmount() {
      this.stopListening()
    }
  })

  window.PageSpirekeeper = Vue.defineAsyncComponent(async () => {
    const [live] = await Promise.all([load('live'), ...PARTS.map(loadPart)])
    return page(live.listen)
  })
})()
