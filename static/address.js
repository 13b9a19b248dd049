// What the page's address says of what is on show: which machines or cash orders the list has, and whose
// panel or which order is open. So it can be kept and sent, and the browser's Back leads to what was on
// show before.
const {ORDER_STATES, SHOWN_STATES} = spirekeeper

const PAGE = 'PageSpirekeeper'
const ROWS = [10, 20, 50, 100, 500]
const ORDERS = ['name', 'location', 'state', 'last_seen_at']
const USUAL = {search: '', state: '', page: 1, rows: 50, sort: 'name', down: false}
const WAYS = ['cash_out', 'cash_in'] // as Python's `Direction`
const DAY = /^\d{4}-\d\d-\d\d$/
const NO_FILTER = {of: '', stands: '', way: '', from: '', until: ''}
Object.assign(USUAL, {view: '', after: '', ...NO_FILTER})

const saidIn = query => name => [query[name]].flat()[0] ?? ''

// The list that an address asks for; where that makes no sense, the usual one.
function listOf(query) {
  const said = saidIn(query)
  const one = (of, value, usual) => (of.includes(value) ? value : usual)
  const page = Number(said('page'))
  return {
    search: said('search').slice(0, 100),
    state: one(SHOWN_STATES, said('state'), USUAL.state),
    page: Number.isSafeInteger(page) && page > 0 ? page : USUAL.page,
    rows: one(ROWS, Number(said('rows')), USUAL.rows),
    sort: one(ORDERS, said('sort'), USUAL.sort),
    down: said('down') === 'true'
  }
}

function showsCash(query) {
  return saidIn(query)('view') === 'cash'
}

// The orders that an address asks for: of a machine, in a state, one way, of some days, after another.
function ordersOf(query) {
  const said = saidIn(query)
  const stands = said('stands')
  const day = name => (DAY.test(said(name)) && !isNaN(new Date(said(name))) ? said(name) : '')
  return {
    of: said('of').slice(0, 64),
    stands: ORDER_STATES.includes(stands) ? stands : '',
    way: WAYS.includes(said('way')) ? said('way') : '',
    from: day('from'),
    until: day('until'),
    after: said('after').slice(0, 64)
  }
}

// Changes what is on show; what is as usual is not named. `how`: 'replace' leaves no step to go back.
function goTo(changes, how = 'push') {
  const named = Object.entries(changes).map(([name, value]) => [
    name,
    value === USUAL[name] ? undefined : String(value)
  ])
  const {query} = window.router.currentRoute.value
  return window.router[how]({query: {...query, ...Object.fromEntries(named)}})
}

// Whether the address is still that of our page.
function isOurs(route) {
  return route.name === PAGE
}

Object.assign(spirekeeper, {NO_FILTER, ROWS, WAYS, goTo, isOurs, listOf, ordersOf, showsCash})
