// What can be done with a machine, each with a sentence that says what it will do.
// Pairing is asked about in the dialog that it opens, everything else here, once.
const {ago, ask, bunkerIsAway, call, setApart, t, tellEnd, textOr} = spirekeeper

window.app.component('spirekeeper-machine-actions', {
  template: '#spirekeeper-machine-actions',
  props: {
    machine: {type: Object, required: true},
    waiting: {type: Boolean, default: false} // a seed of it waits to be scanned
  },
  emits: ['pair', 'edit', 'changed', 'deleted'],
  data() {
    return {busy: ''}
  },
  computed: {
    connected() {
      return !!this.machine.connected_since
    },
    comparing() {
      return this.machine.state === 'confirming'
    },
    seen() {
      const at = this.machine.last_seen_at
      return at
        ? t('spirekeeper.panel.seen', {ago: ago(at)})
        : t('spirekeeper.panel.not_seen')
    },
    // What the sentences go by, where they differ.
    how() {
      if (this.machine.cut_at) return 'cut'
      if (this.comparing) return 'comparing'
      if (this.connected) return 'connected'
      return this.machine.machine_npub ? 'idle' : 'keyless'
    },
    actions() {
      const more = [
        {name: 'cancel', icon: 'qr_code_2', shown: this.waiting, run: this.cancel},
        {name: 'edit', icon: 'edit', shown: true, run: () => this.$emit('edit')},
        {name: 'revoke', icon: 'block', shown: this.revocable, stops: true, run: this.revoke},
        {name: 'delete', icon: 'delete', shown: true, stops: true, run: this.remove}
      ]
      return [...this.pairings(), ...more.filter(each => each.shown)].map(each => ({
        ...each,
        label: t(`spirekeeper.panel.actions.${each.name}`),
        words: this.words(each.name)
      }))
    },
    revocable() {
      const {cut_at, machine_npub, state} = this.machine
      return !cut_at && (!!machine_npub || state !== 'unpaired')
    }
  },
  methods: {
    pairings() {
      const {machine_npub} = this.machine
      const pair = (name, icon, options = {}, more = {}) => ({
        name,
        icon,
        ...more,
        run: () => this.$emit('pair', options)
      })
      if (this.comparing) return [pair('compare', 'fingerprint')]
      if (this.how === 'cut') {
        return [
          pair('pair_new', 'qr_code_2'),
          ...(machine_npub ? [pair('pair_same', 'history', {keep_identity: true})] : [])
        ]
      }
      if (!machine_npub) return [pair('pair', 'qr_code_2')]
      return [
        pair('pair_again', 'qr_code_2'),
        pair('rotate', 'vpn_key', {rotate: true}),
        ...(this.connected
          ? [pair('pair_now', 'content_cut', {revoke_now: true}, {stops: true})]
          : [])
      ]
    },
    words(name) {
      const values = {seen: this.seen, ago: ago(this.machine.cut_at)}
      const text = key => textOr(`spirekeeper.panel.intent.${key}`, '', values)
      const waits = bunkerIsAway() && !['cut', 'keyless'].includes(this.how)
      const later = waits && text(`${name}_away`)
      return later || text(`${name}_${this.how}`) || text(`${name}_idle`) || text(name)
    },
    async sure({label, words}) {
      const name = setApart(this.machine.name)
      return await ask({
        title: t('spirekeeper.panel.sure', {what: label, name}),
        message: words,
        ok: label,
        cancel: t('spirekeeper.common.back'),
        color: 'negative'
      })
    },
    // Asks once, then the server; `says` begins the texts of what came of it.
    async end(action, method, path, says) {
      if (this.busy || !(await this.sure(action))) return
      const {id} = this.machine
      const name = setApart(this.machine.name)
      this.busy = action.name
      const result = await call(method, `/machines/${id}${path}`)
      this.busy = ''
      if (result) tellEnd(`spirekeeper.${says}`, result, {name})
      return result
    },
    async cancel(action) {
      await this.end(action, 'DELETE', '/pairing', 'pair.cancelled')
      this.$emit('changed') // also when it was refused: it may have been scanned just now
    },
    async revoke(action) {
      await this.end(action, 'POST', '/revoke', 'panel.revoked')
      this.$emit('changed')
    },
    async remove(action) {
      const says = this.how === 'keyless' ? 'panel.removed' : 'panel.deleted'
      this.$emit((await this.end(action, 'DELETE', '', says)) ? 'deleted' : 'changed')
    }
  }
})
