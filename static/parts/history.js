// Every seed that a machine was given, and what became of it.
const {date, pairingColor, pairingName, t, textOr} = spirekeeper

window.app.component('spirekeeper-history', {
  template: '#spirekeeper-history',
  props: {machine: {type: Object, required: true}},
  methods: {
    load() {
      return this.$refs.pages.load()
    },
    pairingColor,
    pairingName,
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
})
