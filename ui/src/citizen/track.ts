/** A tracking page that follows its request: told of a change, it takes the server's own page again. */
interface Frame {
  connect?: object
  pub?: object
}
type State = 'plain' | 'linked' | 'cut'

const PATIENCE_MS = 60_000
let region = document.getElementById('live')!
const liveUrl = region.dataset.live!
let state: State = 'plain'
let failures = 0
let polling = 0

/** Says how fresh the page is: dated, followed live, or cut off. */
function show(next: State): void {
  state = next
  for (const id of ['plain', 'linked', 'cut']) document.getElementById(id)!.hidden = id !== state
  region.classList.toggle('live', state === 'linked')
}

async function refresh(): Promise<void> {
  const answer = await fetch(location.href, { cache: 'no-store' }).catch(() => null)
  if (!answer?.ok) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const fresh = page.getElementById('live')
  if (!fresh || (state === 'linked' && fresh.dataset.updated === region.dataset.updated)) return
  region.replaceWith(fresh)
  region = fresh
  document.title = page.title
  show(state)
}

function hear(frame: Frame, socket: WebSocket): void {
  if (!Object.keys(frame).length) socket.send('{}')
  else if (frame.pub) void refresh()
  else if (frame.connect) {
    failures = 0
    clearInterval(polling)
    show('linked')
    // What changed between the page and the subscription.
    void refresh()
  } else socket.close()
}

async function follow(): Promise<void> {
  const answer = await fetch(liveUrl, { method: 'POST' }).catch(() => null)
  if (!answer?.ok) return retry()
  const { token, topic } = await answer.json()
  const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/v1/live`)
  const connect = { v: 1, token, name: 'track', subs: { [topic]: {} } }
  socket.onopen = () => socket.send(JSON.stringify({ id: 1, connect }))
  socket.onmessage = (event) => hear(JSON.parse(event.data), socket)
  socket.onclose = retry
}

/** Full jitter: a restart of the service must not bring everybody back in the same second. */
function retry(): void {
  show('cut')
  clearInterval(polling)
  polling = window.setInterval(refresh, PATIENCE_MS)
  setTimeout(follow, Math.random() * Math.min(PATIENCE_MS, 1000 * 2 ** failures++))
}

// The report has arrived: its draft may go.
try {
  localStorage.removeItem('report-draft')
} catch {
  // A private window that refuses storage kept no draft.
}
void follow()
export {}
