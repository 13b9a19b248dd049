// Tells the page when to ask again: at the server's hint, or every few seconds where none reach us.
const {known, noteTime, request} = spirekeeper

const AT_MOST_EVERY_MS = 1000
const WITHOUT_HINTS_MS = 5000
const WITH_HINTS_MS = 30000 // for what no hint is sent for, as "last seen" and balances

// Calls `changed`, until the function it returns is called.
function listen(changed) {
  let socket = null
  let listeningTo = ''
  let stopped = false
  let due = null
  let last = 0

  const tell = () => {
    due = null
    last = Date.now()
    if (!document.hidden) changed()
  }
  const soon = () => {
    due ??= setTimeout(tell, Math.max(0, last + AT_MOST_EVERY_MS - Date.now()))
  }
  const connect = async () => {
    try {
      listeningTo = (await request('GET', '/live')).channel
      if (stopped) return
      socket = new WebSocket(`${websocketUrl}/${listeningTo}`)
      socket.onopen = soon // what happened meanwhile came with no hint
      socket.onmessage = soon
      socket.onclose = again
    } catch {
      again()
    }
  }
  // An upgrade of the extension hands out another channel; the old one stays open, and mute.
  const check = async () => {
    const {channel} = await request('GET', '/live').catch(() => ({}))
    if (channel && channel !== listeningTo) socket?.close()
  }
  const again = () => {
    socket = null
    if (!stopped) setTimeout(connect, WITHOUT_HINTS_MS)
  }
  const poll = setInterval(() => {
    noteTime()
    // A connection that was cut off elsewhere looks open for long.
    const hinted = socket?.readyState === WebSocket.OPEN && !known.lost
    if (Date.now() - last < (hinted ? WITH_HINTS_MS : WITHOUT_HINTS_MS)) return
    if (hinted) check()
    soon()
  }, AT_MOST_EVERY_MS)

  document.addEventListener('visibilitychange', soon)
  for (const change of ['online', 'offline']) window.addEventListener(change, soon)
  connect()
  return () => {
    stopped = true
    clearInterval(poll)
    clearTimeout(due)
    document.removeEventListener('visibilitychange', soon)
    for (const change of ['online', 'offline']) window.removeEventListener(change, soon)
    socket?.close()
  }
}

Object.assign(spirekeeper, {listen})
