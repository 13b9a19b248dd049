// The states of machines and of pairings, as people see them.
const {known, t, textOr} = spirekeeper

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
const INACTIVE = 'inactive'
const SHOWN_STATES = [...Object.keys(MACHINE_COLORS), INACTIVE]

// Of one that is switched off people see just that.
function shownState({state, is_active}) {
  return is_active ? state : INACTIVE
}

function stateColor(machine) {
  return MACHINE_COLORS[shownState(machine)] ?? 'grey'
}

function stateName(machine) {
  return t(`spirekeeper.states.${shownState(machine)}`)
}

// What the API is asked for those that are shown in this state.
function askedState(shown) {
  return shown === INACTIVE ? {active: false} : {state: shown, active: true}
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
  return state === 'issued' && new Date(scan_before) < known.now ? 'lapsed' : state
}

Object.assign(spirekeeper, {
  SHOWN_STATES,
  askedState,
  pairingColor,
  pairingName,
  reasonOf,
  seedWaits,
  shownState,
  stateColor,
  stateName
})
