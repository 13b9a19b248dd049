// Every seed that a machine was given, and what became of it.
const {date, t, textOr} = await import(LNbits.utils.url_for('/spirekeeper/static/shared.js'))

const COLORS = {
  intent: 'grey',
  issued: 'info',
  comparing: 'info',
  redeemed: 'positive',
  confirmed: 'positive',
  revoked: 'negative',
  failed: 'warning'
}

// As a person would say it: a scan that waits to be compared is not a connection yet.
const standing = pairing => {
  if (pairing.state === 'redeemed' && pairing.confirm_required) return 'comparing'
  const waits = pairing.state === 'issued' && new Date(pairing.scan_before) < Date.now()
  return waits ? 'lapsed' : pairing.state
}

export default {
  template: '#spirekeeper-history',
  props: {machine: {type: Object, required: true}},
  methods: {
    load() {
      return this.$refs.pages.load()
    },
    color(pairing) {
      return COLORS[standing(pairing)] ?? 'grey'
    },
    outcome(pairing) {
      return t(`spirekeeper.panel.pairing.${standing(pairing)}`)
    },
    // What happened to it, in the order in which it did.
    lines(pairing) {
      const said = (key, at, more) =>
        at ? [t(`spirekeeper.panel.history.${key}`, {at: date(at), ...more})] : []
      const {end_reason: reason, ended_at, session_expires_at} = pairing
      const why = reason && textOr(`spirekeeper.panel.outcomes.${reason}`, reason)
      return [
        ...said('issued', pairing.issued_at),
        ...said('scan_before', pairing.state === 'issued' && pairing.scan_before),
        ...said('redeemed', pairing.redeemed_at),
        ...said('confirmed', pairing.confirmed_at),
        ...said('session_ends', !ended_at && session_expires_at),
        ...said(why ? 'ended_because' : 'ended', ended_at, {why})
      ]
    }
  }
}
