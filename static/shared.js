// What all parts of the page share: calling the API, asking the operator, saying when.
// The page's scripts come in one answer, each in a scope of its own (views.py); what others use is in
// `spirekeeper`.
const API = '/spirekeeper/api/v1/dca'

const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g
const TURNS = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

const AGES_MS = 5000 // so often they are told anew
const SILENT_MS = 20000 // a bunker that is silent takes half of it

const UNITS = [
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60]
]

// A text of the page, for scripts as `$t` is for markup. A part that leaves the page loses its `$t`,
// and may do so while it waits for an answer.
function t(...key) {
  return window.i18n.global.t(...key)
}

// What the page was last told, for all parts that show it.
const known = Vue.reactive({
  heardAt: Date.now(), // when the server last answered
  lost: false, // it has not answered since
  outdated: false, // it was upgraded, and has another page than this one
  loggedOut: false, // it answers nobody who is not logged in
  now: Date.now(), // what ages are told by
  bunker: null, // as GET /bunker tells of it
  bunkerMissed: false // that could not be asked for the last time
})
let waitingSince = null // nothing was heard since this request was sent
let askingBunker = null

// `path` begins after /dca. What went wrong is shown; whoever called goes on only with an answer.
async function call(method, path, data) {
  try {
    return await request(method, path, data)
  } catch (error) {
    complain(error)
  }
}

function complain(error) {
  if (!noteLogOut(error)) tell(wordsOf(error), 'warning')
}

// Shown for a while, whatever else is on show by then.
function tell(message, type = 'positive') {
  const close = {
    icon: 'close',
    round: true,
    dense: true,
    color: type === 'warning' ? 'dark' : 'white', // as the message; Quasar's own is hard to read on it
    'aria-label': t('spirekeeper.common.close')
  }
  Quasar.Notify.create({type, message, timeout: 8000, actions: [close]})
}

// What came of an end here; `key` begins the texts of what came of it in the bunker.
function tellEnd(key, {bunker}, values = {}) {
  tell(t(`${key}_${bunker}`, values), bunker === 'done' ? 'positive' : 'warning')
}

// As `call`, for who deals with the error: it throws axios' own, which `wordsOf` reads.
async function request(method, path, data, options) {
  waitingSince ??= Date.now()
  try {
    const answer = await LNbits.api.request(method, API + path, null, data, options)
    heard(answer)
    return answer.data
  } catch (error) {
    noteLogOut(error)
    if (isFromServer(error)) heard(error.response)
    else known.lost = true
    throw error
  }
}

// What is in front of the server answers 502 to 504 in its place, without our words.
function isFromServer({response}) {
  return !!response && (response.status < 502 || !!response.data?.code)
}

// True when the session has ended: the page says so, and shows nothing else.
function noteLogOut({response}) {
  const ended = response?.status === 401
  if (ended) known.loggedOut = true
  return ended
}

function heard({headers}) {
  waitingSince = null
  Object.assign(known, {heardAt: Date.now(), now: Date.now(), lost: false})
  const version = headers['spirekeeper-page'] // LNbits' own answers have none
  if (version) known.outdated = version !== window.spirekeeperVersion
}

// Called often. By the clock, not by the calls: there are none while a laptop sleeps.
function noteTime() {
  if (Math.abs(Date.now() - known.now) >= AGES_MS) known.now = Date.now()
  // A connection that is gone can leave a request without any end.
  if (waitingSince !== null && Date.now() - waitingSince > SILENT_MS) known.lost = true
}

// Into `known`. `anew`: its settings have changed, so an answer that is on its way counts no more.
function askBunker({anew = false} = {}) {
  if (askingBunker && !anew) return askingBunker
  const asked = request('GET', '/bunker')
    .catch(() => null) // it is asked for again; the page need not be loud about it
    .then(status => {
      if (askingBunker !== asked) return
      askingBunker = null
      known.bunkerMissed = !status
      known.bunker = status ?? known.bunker
    })
  return (askingBunker = asked)
}

// As far as is known: what it has to do is done when it is back.
function bunkerIsAway() {
  return !!known.bunker && !known.bunker.reachable
}

// What went wrong and what to do, in the page's language where we have words for it.
function wordsOf({response}) {
  const {code, detail, reason, values} = response?.data ?? {code: 'no_answer'}
  const said = typeof detail === 'string'
  const told = said ? detail : t('spirekeeper.errors.no_answer')
  const key = reason ? `wrong.${reason}` : code ?? codeOf(said && response.status)
  return textOr(`spirekeeper.errors.${key}`, told, {...values, detail: told})
}

// For an answer that is LNbits' own; one without words is a proxy's.
function codeOf(status) {
  if (!status) return 'no_answer'
  return status >= 500 ? 'internal' : `http_${status}`
}

// The same by the field of `entry` that it is about; by '' where it is about none.
function refusalOf(error, entry) {
  const field = error.response?.data?.field
  return {[field in entry ? field : '']: wordsOf(error)}
}

// Wallets were made beside us: LNbits' own list shows them too.
async function loadWallets() {
  try {
    const {data} = await LNbits.api.getAuthenticatedUser()
    window.g.user = LNbits.map.user(data)
  } catch (error) {
    complain(error) // the machine is there all the same
  }
}

// Something to mind, as the API says it beside an answer.
function cautionOf({code, words, relay}) {
  return textOr(`spirekeeper.cautions.${code}`, words, {relay})
}

// What a bunker does that can cost a machine, and what to do about it.
function hazardOf({code, words}) {
  return textOr(`spirekeeper.bunker.hazards.${code}`, words)
}

// What is wrong with the bunker, or ''.
function problemOf(bunker) {
  const {problem, problem_code: code, problem_reason: reason, problem_values: values} = bunker ?? {}
  if (!problem) return ''
  const key = reason ? `errors.wrong.${reason}` : `bunker.problems.${code}`
  return textOr(`spirekeeper.${key}`, problem, {...values, detail: problem})
}

// A name that stands in a sentence: one that is written from right to left, or holds a mark that
// overrides a direction (it is older than the rule against them), must not turn the words around it.
function setApart(name) {
  return TURNS.test(name) ? `\u2068${name.replace(DIRECTIONS, '\ufffd')}\u2069` : name
}

// One question before something that matters; true when the answer is yes. With a `prompt`, Quasar's,
// it is what was typed.
function ask({title, message, ok, cancel, color = 'primary', prompt}) {
  return new Promise(resolve => {
    const question = Quasar.Dialog.create({
      title,
      message,
      'aria-label': title,
      prompt,
      style: 'overflow-wrap: anywhere',
      ok: {unelevated: true, color, label: ok},
      cancel: {flat: true, color: 'grey', label: cancel ?? t('spirekeeper.common.cancel')}
    })
    // At once, and not when it has faded: the next Back is meant for what is behind it.
    const left = spirekeeper.backLeaves(() => {
      left()
      question.hide()
    })
    const unasked = Vue.watch(() => known.loggedOut, () => question.hide())
    question
      .onOk(typed => resolve(typed ?? true))
      .onDismiss(() => {
        left()
        unasked()
        resolve(false)
      })
  })
}

// The one that the page is shown in: English where LNbits has a language that we have not. LNbits' names
// are not the browser's: its `br` is Portuguese as in Brazil, a browser's is Breton.
function language() {
  const {locale} = window.i18n.global
  return window.i18n.global.getLocaleMessage(locale).spirekeeper ? locale : 'en'
}

// "2 minutes ago", in the page's language.
function ago(iso) {
  if (!iso) return ''
  const seconds = (new Date(iso) - known.now) / 1000
  const words = new Intl.RelativeTimeFormat(language(), {numeric: 'auto'})
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
  return unit === 'second' && Math.abs(seconds) < 10
    ? t('spirekeeper.common.just_now')
    : words.format(Math.trunc(seconds / size), unit)
}

// An amount, with the separators of the page's language.
function sats(amount) {
  const n = new Intl.NumberFormat(language()).format(amount)
  return t('spirekeeper.common.sats', {n})
}

// Of millionths, with the page's decimal sign.
function percent(ppm) {
  const style = {style: 'percent', maximumFractionDigits: 4}
  return new Intl.NumberFormat(language(), style).format(ppm / 1000000)
}

// The whole date and time, as LNbits writes it elsewhere.
function date(iso) {
  return iso ? LNbits.utils.formatDate(iso) : ''
}

// A text that may not be there; one that only English has counts, as everywhere on the page.
function textOr(key, otherwise, values = {}) {
  const text = t(key, values)
  return text === key ? otherwise : text
}

// The key that a code names as an npub, in capitals too, with `nostr:` before it or without; or null.
function keyOf(text) {
  try {
    const {type, data} = NostrTools.nip19.decode(text.trim().toLowerCase().replace(/^nostr:/, ''))
    return type === 'npub' ? data : null
  } catch {
    return null
  }
}

window.spirekeeper = {
  API,
  ago,
  ask,
  askBunker,
  bunkerIsAway,
  call,
  cautionOf,
  complain,
  date,
  hazardOf,
  keyOf,
  known,
  language,
  loadWallets,
  noteLogOut,
  noteTime,
  percent,
  problemOf,
  refusalOf,
  request,
  sats,
  setApart,
  t,
  tell,
  tellEnd,
  textOr,
  wordsOf
}
