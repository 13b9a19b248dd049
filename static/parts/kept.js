// Whoever types the end of the passphrase that was made has kept it; the server compares.
const {request, t, wordsOf} = spirekeeper

window.app.component('spirekeeper-kept', {
  template: '#spirekeeper-kept',
  emits: ['kept'],
  data() {
    return {typed: '', busy: false, problem: ''}
  },
  methods: {
    async confirm() {
      this.busy = true
      this.problem = ''
      try {
        await request('POST', '/bunker/passphrase/kept', {last_four: this.typed})
        this.$emit('kept')
      } catch (error) {
        const wrong = error.response?.data?.code === 'invalid_input'
        this.problem = wrong ? t('spirekeeper.bunker.stored.wrong_end') : wordsOf(error)
      }
      this.busy = false
    }
  }
})
