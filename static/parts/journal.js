// What happened to a machine, when, and by whose hand.
const {date, t, textOr} = spirekeeper

const BACKGROUND = 'spirekeeper'
const SUPERUSER = 'superuser'

window.app.component('spirekeeper-journal', {
  template: '#spirekeeper-journal',
  props: {machine: {type: Object, required: true}},
  methods: {
    load() {
      return this.$refs.pages.load()
    },
    // In words where there are any; else as the server wrote it.
    what({event, outcome}) {
      const whole = textOr(`spirekeeper.panel.events.${event}.${outcome}`, '')
      if (whole) return whole
      const what = textOr(`spirekeeper.panel.events.${event}.other`, event)
      return `${what}: ${textOr(`spirekeeper.panel.outcomes.${outcome}`, outcome)}`
    },
    when({at, actor}) {
      return `${date(at)} · ${this.who(actor)}`
    },
    who(actor) {
      if (actor === BACKGROUND) return t('spirekeeper.panel.by_itself')
      if (actor === SUPERUSER) return t('spirekeeper.panel.by_superuser')
      return actor === this.g.user.id ? t('spirekeeper.panel.by_you') : actor
    }
  }
})
