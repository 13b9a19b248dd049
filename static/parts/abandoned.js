// Machines whose operator's account is gone: nobody but the superuser can do anything about them.
const {ago, ask, bunkerIsAway, call, date, setApart, t, tellEnd} = spirekeeper

const CALLS = {
  cut: id => call('POST', `/abandoned/${id}/revoke`),
  remove: id => call('DELETE', `/abandoned/${id}`)
}

window.app.component('spirekeeper-abandoned', {
  template: '#spirekeeper-abandoned',
  data() {
    return {busy: ''}
  },
  methods: {
    standing({cut_at, cut_after}) {
      if (cut_at) return t('spirekeeper.bunker.abandoned.is_cut', {ago: ago(cut_at)})
      return cut_after
        ? t('spirekeeper.bunker.abandoned.will_be_cut', {date: date(cut_after)})
        : t('spirekeeper.bunker.abandoned.still_signs')
    },
    async end(machine, what) {
      const name = setApart(machine.name)
      const away = what === 'cut' && bunkerIsAway() ? '_away' : ''
      const sure = await ask({
        title: t(`spirekeeper.bunker.abandoned.${what}_of`, {name}),
        message: t(`spirekeeper.bunker.abandoned.${what}_question${away}`, {name}),
        ok: t(`spirekeeper.bunker.abandoned.${what}`),
        color: 'negative'
      })
      if (!sure) return
      this.busy = machine.id
      const result = await CALLS[what](machine.id)
      this.busy = ''
      if (result) tellEnd(`spirekeeper.bunker.abandoned.${what}`, result, {name})
      this.$refs.pages?.load()
    }
  }
})
