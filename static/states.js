// The states of machines, of pairings and of cash orders, as people see them.
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
// In the order of `CashState`; their words are under `cash.states`.
const ORDER_COLORS = {
  asked: 'grey',
  invoiced: 'info',
  paid: 'info',
  dispensing: 'info',
  dispensed: 'positive',
  abandoned: 'grey',
  expired: 'grey',
  paid_late: 'warning',
  short: 'negative',
  held: 'info',
  reserved: 'info',
  paying: 'info',
  sent: 'positive',
  failed: 'warning',
  unknown: 'warning',
  unclaimed: 'negative',
  settled: 'grey'
}
const ORDER_STATES = Object.keys(ORDER_COLORS)
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

// One that goes on by itself looks otherwise than one that waits for its operator.
function orderColor({state, stuck}) {
  return stuck && ORDER_COLORS[state] === 'info' ? 'warning' : ORDER_COLORS[state] ?? 'grey'
}

function orderName({state}) {
  return textOr(`spirekeeper.cash.states.${state}`, state)
}

// What its operator has to do about it, or ''.
function orderToDo({state, stuck}) {
  return stuck ? textOr(`spirekeeper.cash.to_end.${state}`, '') : ''
}

// In the customer's money, as the machine said it, or ''.
function orderFiat({fiat_amount: amount, fiat_code: code}) {
  return amount ? `${amount} ${code}` : ''
}

// A seed is over when its time is, though nobody has noted that yet.
function standing({state, scan_before}) {
  return state === 'issued' && new Date(scan_before) < known.now ? 'lapsed' : state
}

Object.assign(spirekeeper, {
  ORDER_STATES,
  SHOWN_STATES,
  askedState,
  orderColor,
  orderFiat,
  orderName,
  orderToDo,
  pairingColor,
  pairingName,
  reasonOf,
  seedWaits,
  shownState,
  stateColor,
  stateName
})
