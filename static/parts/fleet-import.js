// Adding machines from a CSV file; the server checks every line before it adds any.
const {API, loadWallets, t, wordsOf} = spirekeeper

const EXAMPLE = 'name,location,wallet\nStation North,Hall 2,make one\nStation South,,make one\n'
const EACH_LINE = /(?=Line \d+: |And \d+ more\.|Nothing was added\.)/

window.app.component('spirekeeper-fleet-import', {
  template: '#spirekeeper-fleet-import',
  emits: ['changed', 'pair'],
  data() {
    return {show: false, file: null, busy: false, problems: [], added: null}
  },
  methods: {
    open() {
      Object.assign(this, {show: true, file: null, busy: false, problems: [], added: null})
    },
    async send() {
      const body = await this.file.arrayBuffer().catch(() => null)
      if (!body) {
        // Edited after it was chosen: the browser does not read it any more.
        this.file = null
        this.problems = [t('spirekeeper.fleet.file_changed')]
        return
      }
      this.busy = true
      this.problems = []
      const headers = {'Content-Type': 'text/csv'}
      try {
        const path = `${API}/machines/import`
        const answer = await LNbits.api.request('POST', path, null, body, {headers})
        this.added = answer.data.machines
        await loadWallets()
        this.$emit('changed')
      } catch (error) {
        this.problems = wordsOf(error).split(EACH_LINE)
      }
      this.busy = false
    },
    saveExample() {
      Quasar.exportFile('machines.csv', EXAMPLE, 'text/csv')
    }
  }
})
