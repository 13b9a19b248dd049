// What is done with the machines that are ticked, on whatever page of the list they are.
const {ask, call, setApart, t, tell} = spirekeeper

const NAMED = 5
const ACTS = [
  {act: 'tag', icon: 'label', about: 'tag'},
  {act: 'untag', icon: 'label_off', about: 'tag'},
  {act: 'switch_on', icon: 'play_arrow'},
  {act: 'switch_off', icon: 'pause', asks: true},
  {act: 'revoke', icon: 'block', asks: true, stops: true},
  {act: 'delete', icon: 'delete', asks: true, stops: true}
]

window.app.component('spirekeeper-ticked', {
  template: '#spirekeeper-ticked',
  props: {machines: {type: Array, required: true}},
  emits: ['pair', 'changed', 'clear'],
  data() {
    return {busy: false}
  },
  computed: {
    acts() {
      return ACTS.map(each => ({...each, label: t(`spirekeeper.ticked.acts.${each.act}`)}))
    },
    // Which they are: some may be on another page.
    names() {
      const names = this.machines.slice(0, NAMED).map(({name}) => setApart(name))
      return names.join(', ') + (this.machines.length > NAMED ? '…' : '')
    }
  },
  methods: {
    async run({act, label, about, asks, stops}) {
      const n = this.machines.length
      const answer = (about || asks) && (await this.sure(act, label, n, about, stops))
      if (!answer && (about || asks)) return
      this.busy = true
      const machine_ids = this.machines.map(({id}) => id)
      const tag = about && answer.trim()
      const result = await call('POST', '/machines/act', {act, machine_ids, ...(about && {tag})})
      this.busy = false
      if (result) this.say(label, result, n - result.done)
      if (result && act === 'delete') this.$emit('clear')
      this.$emit('changed')
    },
    sure(act, label, n, about, stops) {
      return ask({
        title: t('spirekeeper.ticked.sure', {what: label, n}, n),
        message: `${t(`spirekeeper.ticked.words.${act}`)} (${this.names})`,
        ok: label,
        color: stops ? 'negative' : 'primary',
        ...(about && {
          prompt: {model: '', isValid: text => !!text.trim(), attrs: {maxlength: 30}, label: t('spirekeeper.form.tags')}
        })
      })
    },
    say(what, {done, pending}, left) {
      const words = [t('spirekeeper.ticked.done', {what, n: done}, done)]
      if (left) words.push(t('spirekeeper.ticked.left', {n: left}, left))
      if (pending) words.push(t('spirekeeper.ticked.pending', {n: pending}, pending))
      tell(words.join(' '), left || pending ? 'warning' : 'positive')
    }
  }
})
