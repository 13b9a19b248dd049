// Where every notice is posted: the superuser enters the address, tries it, and gets the secret that
// notices are signed with. Address and secret go in and never come back; a new secret is shown once.
const {ask, call, complain, refusalOf, request, t, wordsOf} = spirekeeper

window.app.component('spirekeeper-webhook', {
  template: '#spirekeeper-webhook',
  props: {saving: {type: Boolean, required: true}}, // what then comes back is shown this once
  emits: ['update:saving'],
  data() {
    return {
      webhook: null, // as GET /webhook tells of it
      editing: false,
      busy: '', // testing, forgetting
      entry: {url: ''},
      refused: {}, // by field, and by '' what is about none
      outdated: '',
      delivery: null, // of the test notice
      secret: ''
    }
  },
  computed: {
    condition() {
      const {source, problem} = this.webhook
      return problem ? `${source}_wrong` : (source ?? 'none')
    },
    stored() {
      return this.webhook.source === 'database'
    },
    works() {
      return !!this.webhook.server
    },
    testedWords() {
      const {outcome, status} = this.delivery
      return t(`spirekeeper.webhook.tested.${outcome}`, {server: this.webhook.server, status})
    }
  },
  methods: {
    async load() {
      this.webhook = (await call('GET', '/webhook')) ?? this.webhook
    },
    async anew() {
      this.stop()
      await this.load()
    },
    edit() {
      this.delivery = null
      this.editing = true
    },
    stop() {
      Object.assign(this, {editing: false, entry: {url: ''}, refused: {}, outdated: ''})
    },
    async save() {
      const {version} = this.webhook
      const stored = await this.sent('PUT', '/webhook', {...this.entry, version})
      if (stored) this.stop()
    },
    async makeSecret() {
      const sure = await ask({
        title: t('spirekeeper.webhook.make_secret'),
        message: t('spirekeeper.webhook.make_secret_question'),
        ok: t('spirekeeper.webhook.make_secret')
      })
      if (sure) this.sent('POST', `/webhook/secret?version=${this.webhook.version}`)
    },
    // What is answered may hold a secret, which is shown this once.
    async sent(method, path, data) {
      this.refused = {}
      this.$emit('update:saving', true)
      try {
        const stored = await request(method, path, data)
        this.secret = stored.signing_secret ?? ''
        await this.load()
        return stored
      } catch (error) {
        this.refuse(error)
      } finally {
        this.$emit('update:saving', false)
      }
    },
    refuse(error) {
      if (error.response?.data?.code === 'edited_meanwhile') this.outdated = wordsOf(error)
      else if (this.editing) this.refused = refusalOf(error, this.entry)
      else complain(error)
    },
    async leave() {
      const sure = await ask({
        title: t('spirekeeper.webhook.secret_title'),
        message: t('spirekeeper.webhook.leave_question'),
        ok: t('spirekeeper.bunker.stored.done')
      })
      if (sure) this.secret = ''
    },
    async test() {
      this.busy = 'testing'
      this.delivery = null
      this.delivery = (await call('POST', '/webhook/test')) ?? null
      this.busy = ''
    },
    async forget() {
      const sure = await ask({
        title: t('spirekeeper.webhook.forget'),
        message: t('spirekeeper.webhook.forget_question'),
        ok: t('spirekeeper.webhook.forget'),
        color: 'negative'
      })
      if (!sure) return
      this.busy = 'forgetting'
      this.delivery = null
      try {
        await request('DELETE', `/webhook?version=${this.webhook.version}`)
        await this.load()
      } catch (error) {
        this.refuse(error)
      }
      this.busy = ''
    }
  },
  created() {
    this.load()
  },
  beforeUnmount() {
    this.stop()
    this.secret = ''
  }
})
