// LNbits loads this one script for the page; the page's parts are loaded from here.
// A part is `parts/NAME.vue`, its markup, and `parts/NAME.js`, an ES module.
;(() => {
  const STATIC = '/spirekeeper/static'
  const PARTS = [
    ...['dialog', 'state', 'row-actions', 'relays', 'qr', 'copyable', 'findings', 'bunker-setup'],
    ...['pages', 'history', 'journal', 'machine-actions'],
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
      // Something changed: each part that is on show asks the server for what it shows.
      reload() {
        for (const part of Object.values(this.$refs)) part.load?.()
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
