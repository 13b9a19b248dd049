// Browser Back does what the close button of the topmost dialog does, and a page that shows what cannot
// be shown again is not left without a question.
const DEPTH = 'spirekeeperDialogs' // in the state of a history entry: how many dialogs were on show

const dialogs = [] // on show, the topmost last
let steppingBack = false // we do, not the user

// While a dialog is on show the history has an entry for it, which Back leaves instead of the page.
// `leave` is what its close button does; `keeps` says whether it shows what cannot be shown again. The
// function that comes back is called when the dialog closes.
function backLeaves(leave, keeps = () => false) {
  const dialog = {leave, keeps}
  dialogs.push(dialog)
  settle()
  return () => {
    const index = dialogs.indexOf(dialog)
    if (index < 0) return
    dialogs.splice(index, 1)
    setTimeout(settle) // another one may open in its place
  }
}

// Adds the entries that are missing, or steps back over those that are left.
function settle() {
  if (steppingBack) return
  steppingBack = depth() > dialogs.length
  if (steppingBack) history.back()
  // With what LNbits' router keeps in it: to the router it is the same place.
  else while (depth() < dialogs.length) history.pushState(stateOf(depth() + 1), '')
}

function depth() {
  return history.state?.[DEPTH] ?? 0
}

function stateOf(depth) {
  return {...history.state, [DEPTH]: depth}
}

function keeping() {
  return dialogs.some(({keeps}) => keeps())
}

window.addEventListener('popstate', () => {
  const left = !steppingBack && depth() < dialogs.length
  steppingBack = false
  settle()
  if (left) dialogs.at(-1).leave()
})

window.addEventListener('beforeunload', event => {
  if (keeping()) event.preventDefault()
})

window.router.beforeEach((to, from) => {
  if (to.path === from.path || !keeping()) return
  dialogs.at(-1).leave()
  return false
})

history.replaceState(stateOf(0), '') // after a reload there is no dialog

Object.assign(spirekeeper, {backLeaves})
