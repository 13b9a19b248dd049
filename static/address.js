// What the page's address says of what is on show: which machines the list has, and whose panel is
// open. So both can be kept and sent, and the browser's Back leads to what was on show before.
const {SHOWN_STATES} = spirekeeper

const PAGE = 'PageSpirekeeper'
const ROWS = [10, 20, 50, 100, 500]
const ORDERS = ['name', 'location', 'state', 'last_seen_at']
const USUAL = {search: '', state: '', page: 1, rows: 50, sort: 'name', down: false}

// The list that an address asks for; where that makes no sense, the usual one.
function listOf(query) {
  const said = name => [query[name]].flat()[0] ?? ''
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

Object.assign(spirekeeper, {ROWS, goTo, isOurs, listOf})
