// Adding machines from a CSV file. The server checks all of it, and is asked again for what it should
// add, a part at a time: so it is told how far it is, and can be stopped.
const {loadWallets, request, t, textOr, wordsOf} = spirekeeper

const A_PART = 50 // well under a second
const FEW = 20

const fresh = () => ({
  show: false,
  step: 'choose', // choose, adding, done
  file: null, // not the field's own: Chromium would not tell it of the same file, mended
  checking: false,
  problems: [],
  checked: null,
  alike: false, // add also what is called as another machine is
  chosen: {}, // the wallet of a line, where its name says too little; '': make one
  wanted: [],
  added: [],
  halting: false,
  unsure: false // of the last part it is not known what came of it
})

window.app.component('spirekeeper-fleet-import', {
  template: '#spirekeeper-fleet-import',
  emits: ['changed', 'pair'],
  data() {
    return {FEW, ...fresh()}
  },
  computed: {
    sameNames() {
      return this.checked.questions.filter(({code}) => code !== 'which_wallet')
    },
    // What is added as things stand.
    rows() {
      const left = new Set(this.alike ? [] : this.sameNames.map(({line}) => line))
      const rows = this.checked.rows.filter(({line}) => !left.has(line))
      return rows.map(row => ({...row, wallet_id: row.wallet_id ?? this.chosen[row.line]}))
    },
    whichWallet() {
      const lines = new Set(this.rows.map(({line}) => line))
      return this.checked.questions.filter(
        ({code, line}) => code === 'which_wallet' && lines.has(line)
      )
    },
    ready() {
      const n = this.checked ? this.rows.length : 0
      if (!n || n > this.checked.room) return false
      return this.whichWallet.every(({line}) => this.chosen[line] !== undefined)
    },
    choices() {
      return [false, true].map(value => ({value, label: t(`spirekeeper.fleet.alike.${value}`)}))
    },
    left() {
      return this.wanted.slice(this.added.length)
    }
  },
  watch: {
    // What had the keyboard's focus is gone with its step.
    step() {
      this.$nextTick(() => this.$refs.dialog?.focus())
    }
  },
  methods: {
    problemWords,
    open() {
      Object.assign(this, fresh(), {show: true})
    },
    async check(file) {
      Object.assign(this, fresh(), {show: true, file, checking: true})
      const found = await this.look(file)
      if (this.file === file) Object.assign(this, {checking: false, ...found})
    },
    async look(file) {
      // Edited after it was chosen: the browser does not read it any more.
      const body = await file.arrayBuffer().catch(() => null)
      if (!body) return {problems: [t('spirekeeper.fleet.file_changed')]}
      try {
        const [checked] = await Promise.all([send('/check', body), loadWallets()])
        return {checked}
      } catch (error) {
        return {problems: problemsOf(error)}
      }
    },
    refuse() {
      Object.assign(this, fresh(), {show: true, problems: [t('spirekeeper.fleet.problems.not_text')]})
    },
    async add() {
      Object.assign(this, {step: 'adding', wanted: this.rows, problems: []})
      try {
        while (this.left.length && !this.halting) {
          await this.addSome(this.left.slice(0, A_PART))
        }
      } catch (error) {
        this.problems = problemsOf(error, this.left)
        this.unsure = !(error.response?.status < 500)
      }
      this.step = 'done'
      await loadWallets()
      this.$emit('changed')
    },
    async addSome(rows) {
      const {machines} = await send(`?same_names=${this.alike}`, asCsv(rows))
      this.added.push(...machines)
    },
    walletOf({line, wallet_id}) {
      const asked = wallet_id === undefined && this.whichWallet.some(each => each.line === line)
      return asked ? '–' : this.walletName(wallet_id)
    },
    walletName(id) {
      if (!id) return t('spirekeeper.form.make_wallet')
      return this.g.user.wallets.find(wallet => wallet.id === id)?.name ?? id
    },
    // Those of that name that no other line takes.
    wallets({line, values}) {
      const taken = this.rows.filter(row => row.line !== line).map(row => row.wallet_id)
      const free = values.wallets.filter(id => !taken.includes(id))
      return [
        ...free.map(id => ({value: id, label: `${this.walletName(id)} (${id.slice(0, 8)}…)`})),
        {value: '', label: this.walletName('')}
      ]
    },
    saveExample() {
      // The mark tells Excel that it is UTF-8.
      const text = `\ufeff${t('spirekeeper.fleet.example_file')}`
      Quasar.exportFile('machines.csv', text, 'text/csv')
    }
  }
})

function send(path, body) {
  const headers = {'Content-Type': 'text/csv'}
  return request('POST', `/machines/import${path}`, body, {headers})
}

function asCsv(rows) {
  const cell = text => `"${text.replaceAll('"', '""')}"`
  const line = ({name, location, wallet_id}) => [name, location, wallet_id ?? ''].map(cell).join()
  return ['name,location,wallet', ...rows.map(line)].join('\n')
}

// What is wrong, line by line where it is about lines. `rows`: whose lines of the file they are.
function problemsOf(error, rows) {
  const problems = error.response?.data?.problems ?? []
  if (!problems.length) return [wordsOf(error)]
  return problems.map(each =>
    problemWords({...each, line: rows && each.line ? rows[each.line - 2].line : each.line})
  )
}

function problemWords({code, words, line, column, values}) {
  const what = textOr(`spirekeeper.fleet.problems.${code}`, words, values)
  if (!line) return what
  if (!column) return t('spirekeeper.fleet.in_line', {line, what})
  return t('spirekeeper.fleet.in_column', {line, column: t(`spirekeeper.common.${column}`), what})
}
