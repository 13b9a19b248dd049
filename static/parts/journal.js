// What happened to a machine, when, and by whose hand.
const {date, percent, t, textOr, wordsOf} = spirekeeper

const BACKGROUND = 'spirekeeper'
const SUPERUSER = 'superuser'
const REFUSED = 'refused' // told as the error itself is

window.app.component('spirekeeper-journal', {
  template: '#spirekeeper-journal',
  props: {machine: {type: Object, required: true}},
  methods: {
    load() {
      return this.$refs.pages.load()
    },
    // Why it was, where there are words for that; else the line's detail says it.
    what({event, outcome}) {
      const whole = textOr(`spirekeeper.panel.events.${event}.${outcome}`, '')
      if (whole) return whole
      const what = textOr(`spirekeeper.panel.events.${event}.other`, event)
      const why = textOr(`spirekeeper.panel.outcomes.${outcome}`, '')
      return why ? `${what}: ${why}` : what
    },
    // A line of an older version has only the server's words.
    more({detail, detail_code: code, detail_values: values}) {
      if (!code) return detail
      if (code === REFUSED) return wordsOf({response: {data: {...values, detail, values}}})
      return textOr(`spirekeeper.panel.details.${code}`, detail, this.inWords(values))
    },
    // Values that are words of the API, and a fee in millionths, as people read them.
    inWords(values) {
      const {fields, fee_ppm: ppm, how, in_fee_ppm: inPpm, into, out} = values
      const each = (names, key) => names.split(', ').map(name => t(`spirekeeper.${key}.${name}`))
      return {
        ...values,
        ...(fields && {fields: each(fields, 'panel.fields').join(', ')}),
        ...(how && {how: t(`spirekeeper.cash.hows.${how}`)}),
        ...(out && {out: t(`spirekeeper.cash.outs.${out}`)}),
        ...(into && {into: t(`spirekeeper.cash.outs.${into}`)}),
        ...(ppm !== undefined && {fee_ppm: percent(ppm)}),
        ...(inPpm !== undefined && {in_fee_ppm: percent(inPpm)})
      }
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
