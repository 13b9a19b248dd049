// The states of machines and of pairings, as people see them.
const {t, textOr} = spirekeeper

// In the order of Python's `MachineState` and `PairingState`. Their words are in i18n, `states` and
// `panel.pairing`, and why a machine is in one under `reasons`; tests/unit/test_page_states.py holds all
// of it against Python.
const MACHINE_COLORS = {
  revoked: 'negative',
  locked: 'warning',
  confirming: 'info',
  replacing: 'info',
  paired: 'positive',
  awaiting_scan: 'info',
  expired: 'warning',
  unknown: 'warning',
  unpaired: 'grey'
}
const PAIRING_COLORS = {
  intent: 'grey',
  issued: 'info',
  redeemed: 'positive',
  confirmed: 'positive',
  replaced: 'grey',
  lapsed: 'grey',
  cancelled: 'grey',
  revoked: 'negative',
  failed: 'warning'
}
const STATES = Object.keys(MACHINE_COLORS)

function stateColor(machine) {
  return machine.is_active ? MACHINE_COLORS[machine.state] : 'grey'
}

function stateName(machine) {
  return t(`spirekeeper.states.${machine.is_active ? machine.state : 'inactive'}`)
}

// Why it is in this state and what to do, or ''.
function reasonOf({reason}) {
  return textOr(`spirekeeper.reasons.${reason}`, '')
}

function seedWaits({state}) {
  return state === 'replacing' || state === 'awaiting_scan'
}

function pairingColor(pairing) {
  return pairing.confirming ? MACHINE_COLORS.confirming : PAIRING_COLORS[standing(pairing)]
}

function pairingName(pairing) {
  return t(`spirekeeper.panel.pairing.${pairing.confirming ? 'confirming' : standing(pairing)}`)
}

// A seed is over when its time is, though nobody has noted that yet.
function standing({state, scan_before}) {
  return state === 'issued' && new Date(scan_before) < Date.now() ? 'lapsed' : state
}

Object.assign(spirekeeper, {
  STATES,
  pairingColor,
  pairingName,
  reasonOf,
  seedWaits,
  stateColor,
  stateName
})
