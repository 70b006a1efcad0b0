/**
 * The same frames over plain HTTP, as server-sent events, where no WebSocket gets through. Not `EventSource`: it hides
 * why a stream was refused, and comes back by itself without the jitter of `live-retry.ts`.
 */
import type { Ear, Wire } from './live-socket'
import type { Frame, Position } from './live-wire'

interface Hello { id: number; connect: { subs: Record<string, Partial<Position>> } }

/** A refusal as the close code that a socket would have got; anything else may be tried again. */
const CODES: Record<number, number> = { 401: 3500, 403: 3507, 422: 3501, 429: 3504 }

export function openStream(path: string, ear: Ear): Wire {
  const abort = new AbortController()
  const lost = (code: number) => {
    if (!abort.signal.aborted) ear.lost(code)
  }
  queueMicrotask(() => {
    if (!abort.signal.aborted) ear.opened()
  })
  return {
    isTwoWay: false,
    isOpen: false,
    say: (command) => {
      if ('connect' in command) follow(path, command as Hello, ear, abort.signal).then(lost, () => lost(1006))
    },
    close: () => abort.abort(),
  }
}

/** Opens the stream and passes on its frames; returns the code it ended with. */
async function follow(path: string, hello: Hello, ear: Ear, signal: AbortSignal): Promise<number> {
  const subs = Object.entries(hello.connect.subs)
  const topics = new URLSearchParams(subs.map(([topic]) => ['topic', topic]))
  const held = subs.filter(([, at]) => at.epoch !== undefined).map(([topic, at]) => `${topic}@${at.epoch}:${at.offset}`)
  const headers = { Accept: 'text/event-stream', 'Last-Event-ID': held.join(',') }
  const answer = await fetch(`${path}?${topics}`, { headers, signal, cache: 'no-store' })
  if (!answer.ok || !answer.body) return CODES[answer.status] ?? 1013
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return 1006
    const blocks = (rest + value).split('\n\n')
    rest = blocks.pop()!
    for (const block of blocks) {
      if (signal.aborted) return 1006
      if (block.startsWith('data: ')) ear.heard(own(JSON.parse(block.slice(6)) as Frame, hello.id))
    }
  }
}

/** The service numbers the reply to the `connect` it made up itself. */
function own(frame: Frame, id: number): Frame {
  return frame.connect ? { ...frame, id } : frame
}
