/** A tracking page that follows its request: told of a change, it takes the server's own page again. */
import './parts/shrink'

interface Frame {
  connect?: object
  pub?: object
  disconnect?: { within_ms: number }
}
type State = 'plain' | 'linked' | 'cut'
interface Wire {
  close: () => void
  send?: (text: string) => void
}

const PATIENCE_MS = 60_000
/** The service speaks every 25 s; a longer silence is a dead network. */
const SILENCE_MS = 40_000
/** Every byte here is paid for on a slow network. */
const part = (id: string) => document.getElementById(id)!
let region = part('live')
const liveUrl = region.dataset.live!
let state: State = 'plain'
let failures = 0
let polling: ReturnType<typeof setInterval> | undefined
let silence: ReturnType<typeof setTimeout> | undefined
let wire: Wire | undefined

/** Says how fresh the page is: dated, followed live, or cut off. */
function show(next: State): void {
  state = next
  for (const id of ['plain', 'linked', 'cut']) part(id).hidden = id !== state
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
  // What somebody is typing stays.
  const acts = part('actions')
  if (!acts.querySelector(':focus,[open],:required:valid')) acts.replaceWith(page.getElementById('actions')!)
  document.title = page.title
  show(state)
}

function hear({ data }: { data: string }): void {
  const frame: Frame = JSON.parse(data)
  clearTimeout(silence)
  silence = setTimeout(lose, SILENCE_MS)
  if (frame.pub) void refresh()
  else if (frame.connect) {
    failures = 0
    clearInterval(polling)
    show('linked')
    // What changed between the page and the subscription.
    void refresh()
  } else if (Object.keys(frame).length) lose(frame.disconnect?.within_ms)
  else wire?.send?.('{}')
}

async function follow(): Promise<void> {
  // Every other time over plain HTTP, for networks that let no socket through.
  const next = failures % 2 ? stream() : await socket().catch(() => undefined)
  if (!next) return lose()
  const lost = () => lose()
  wire = Object.assign(next, { onmessage: hear, onclose: lost, onerror: lost })
  silence = setTimeout(lose, SILENCE_MS)
}

const stream = () => new EventSource(liveUrl)

async function socket(): Promise<WebSocket> {
  const { token, topic } = await (await fetch(liveUrl, { method: 'POST' })).json()
  const opened = new WebSocket(`${location.origin.replace('http', 'ws')}/api/v1/live`)
  const connect = { v: 1, token, name: 'track', subs: { [topic]: {} } }
  opened.onopen = () => opened.send(JSON.stringify({ id: 1, connect }))
  return opened
}

/** Full jitter, or the window that the service told: a restart must not bring everybody back in the same second. */
function lose(windowMs = Math.min(PATIENCE_MS, 1000 * 2 ** failures++)): void {
  if (wire) Object.assign(wire, { onmessage: null, onclose: null, onerror: null }).close()
  wire = undefined
  clearTimeout(silence)
  show('cut')
  clearInterval(polling)
  polling = setInterval(refresh, PATIENCE_MS)
  setTimeout(follow, Math.random() * windowMs)
}

// The report has arrived: its draft may go.
try {
  localStorage.removeItem('report-draft')
} catch {
  // A private window that refuses storage kept no draft.
}
void follow()
