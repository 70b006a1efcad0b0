import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Live, type LiveState } from './live'
import type { Change } from './live-wire'

type Json = Record<string, any>

/** The service's end of the socket. */
class Wire {
  static all: Wire[] = []
  static get last(): Wire {
    return Wire.all.at(-1)!
  }
  sent: Json[] = []
  isClosed = false
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  constructor(readonly url: string) {
    Wire.all.push(this)
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }
  close(): void {
    this.isClosed = true
  }
  say(frame: Json): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  end(code: number): void {
    this.isClosed = true
    this.onclose?.({ code })
  }
  get lastSent(): Json {
    return this.sent.at(-1)!
  }
}

/** The service's end of a stream, over a stubbed `fetch`. */
class Stream {
  static all: Stream[] = []
  static status = 0
  static get last(): Stream {
    return Stream.all.at(-1)!
  }
  #out!: ReadableStreamDefaultController<Uint8Array>
  readonly body = new ReadableStream<Uint8Array>({ start: (out) => void (this.#out = out) })

  constructor(readonly url: string, readonly init: RequestInit) {
    Stream.all.push(this)
  }
  static async open(url: string, init: RequestInit): Promise<object> {
    const made = new Stream(url, init)
    if (Stream.status === 0) throw new TypeError('no network')
    return { ok: Stream.status === 200, status: Stream.status, body: made.body }
  }
  get lastId(): string {
    return (this.init.headers as Record<string, string>)['Last-Event-ID']!
  }
  async write(text: string): Promise<void> {
    this.#out.enqueue(new TextEncoder().encode(text))
    await settle()
  }
  say(frame: Json): Promise<void> {
    return this.write(`data: ${JSON.stringify(frame)}\n\nid: x\n\n`)
  }
  async end(): Promise<void> {
    this.#out.close()
    await settle()
  }
}

/** Lets streams, which use real micro- and macrotasks, come to rest. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await new Promise((done) => setImmediate(done))
}

const attempts = () => Wire.all.length + Stream.all.length

const BOARD = 'board:cd19'
const loaded = (offset: number, items: Change[] = [], epoch = 'k') => ({ topic: BOARD, epoch, offset, was_recovering: false, recovered: false, snapshot: items })
const missed = (offset: number, publications: Json[]) => ({ topic: BOARD, epoch: 'k', offset, was_recovering: true, recovered: true, publications })
const pub = (offset: number, prev: number, key: string, data: unknown, ver = offset, also?: Change[]) => ({ offset, prev, id: `e${offset}`, type: 'x', at: '', key, ver, data, also })
const item = (key: string, ver: number, data: unknown = { ver }): Change => ({ key, ver, data })

let live: Live
let stop: (() => void) | undefined
let batches: [Change[], boolean][]
let states: [LiveState, number | null][]
let refused: number[]

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'requestAnimationFrame', 'cancelAnimationFrame'] })
  vi.stubGlobal('WebSocket', Wire)
  vi.stubGlobal('fetch', Stream.open)
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  ;[Wire.all, Stream.all, Stream.status] = [[], [], 0]
  ;[batches, states, refused] = [[], [], []]
  live = new Live({
    name: 'board',
    url: 'wss://cpo.test/live',
    onRefused: (code) => refused.push(code),
  })
  live.watch((state, dataAt) => states.push([state, dataAt]))
})

afterEach(() => {
  stop?.()
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)
const frame = () => pass(20)
const now = () => live.state

/** Follows the board and lets the service answer. */
async function begin(answer: Json = loaded(10, [item('a', 1), item('b', 2)])): Promise<Wire> {
  live.subscribe(BOARD, ({ changes, snapshot }) => batches.push([changes, snapshot]))
  stop = live.start()
  return greet(answer)
}

async function greet(answer: Json): Promise<Wire> {
  await pass()
  const wire = Wire.last
  wire.onopen?.()
  await pass()
  wire.say({ id: wire.lastSent.id, connect: { client: 'c-1', ping: 25, pong: true, subs: { [BOARD]: answer } } })
  await frame()
  return wire
}

async function comeBack(answer: Json): Promise<Wire> {
  const known = Wire.all.length
  for (let waited = 0; Wire.all.length === known && waited < 20_000; waited += 250) await pass(250)
  expect(Wire.all.length).toBe(known + 1)
  return greet(answer)
}

/** Two sockets come to nothing, the stream is let through. */
async function goSpare(answer: Json = loaded(10, [item('a', 1)])): Promise<Stream> {
  Stream.status = 200
  live.subscribe(BOARD, ({ changes, snapshot }) => batches.push([changes, snapshot]))
  stop = live.start()
  await pass()
  for (let socket = 0; socket < 2; socket++) {
    Wire.last.end(1006)
    await pass(1_000)
  }
  await settle()
  await Stream.last.say({ id: 1, connect: { client: 'c-1', ping: 25, pong: true, subs: { [BOARD]: answer } } })
  await frame()
  return Stream.last
}

test('the first batch is the whole topic and the state becomes live', async () => {
  const wire = await begin()
  expect(wire.sent[0]).toEqual({ id: 1, connect: { v: 1, name: 'board', subs: { [BOARD]: {} } } })
  expect(batches).toEqual([[[item('a', 1), item('b', 2)], true]])
  expect(states.map(([state]) => state)).toEqual(['reconnecting', 'live'])
})

test('what comes within one animation frame is one batch, with the newest of each key', async () => {
  const wire = await begin()
  wire.say({ topic: BOARD, pub: pub(11, 10, 'a', { n: 1 }) })
  wire.say({ topic: BOARD, pub: pub(12, 11, 'a', { n: 2 }) })
  wire.say({ topic: BOARD, pub: pub(13, 12, 'b', null) })
  expect(batches).toHaveLength(1)
  await frame()
  expect(batches[1]).toEqual([[item('a', 12, { n: 2 }), item('b', 13, null)], false])
})

test('an event of several keys is applied whole', async () => {
  const wire = await begin()
  wire.say({ topic: BOARD, pub: pub(11, 10, 'a', { n: 1 }, 11, [item('c', 4, { n: 2 })]) })
  await frame()
  expect(batches[1]![0].map((change) => change.key)).toEqual(['a', 'c'])
})

test('repeats and older versions change nothing', async () => {
  const wire = await begin()
  wire.say({ topic: BOARD, pub: pub(9, 8, 'a', { n: 9 }) })
  wire.say({ topic: BOARD, pub: pub(11, 10, 'a', { n: 9 }, 1) })
  await frame()
  expect(batches).toHaveLength(1)
})

test('a listener that comes later gets what is held', async () => {
  await begin()
  const late: unknown[] = []
  live.subscribe(BOARD, ({ changes, snapshot }) => late.push([changes.length, snapshot]))
  expect(late).toEqual([[2, true]])
})

test('a hole is noticed, the missing part is asked for from the place held, and nothing is shown in between', async () => {
  const wire = await begin()
  wire.say({ topic: BOARD, pub: pub(15, 13, 'a', { n: 15 }) })
  expect(wire.lastSent.subscribe).toEqual({ topic: BOARD, epoch: 'k', offset: 10 })
  expect(now()).toBe('reconnecting')
  wire.say({ topic: BOARD, pub: pub(16, 15, 'a', { n: 16 }) })
  wire.say({ id: wire.lastSent.id, subscribe: missed(16, [pub(13, 10, 'b', { n: 13 }), pub(16, 13, 'a', { n: 16 })]) })
  await frame()
  expect(batches[1]).toEqual([[item('b', 13, { n: 13 }), item('a', 16, { n: 16 })], false])
  expect(now()).toBe('live')
})

test('told to resync it takes a fresh picture, in which what vanished is gone', async () => {
  const wire = await begin()
  wire.say({ topic: BOARD, resync: { reason: 'slow', epoch: 'k', offset: 90 } })
  wire.say({ id: wire.lastSent.id, subscribe: loaded(90, [item('b', 9)]) })
  await frame()
  expect(batches[1]).toEqual([[item('b', 9)], true])
})

test('after a restore older versions of the new epoch are believed', async () => {
  const wire = await begin()
  wire.say({ topic: BOARD, resync: { reason: 'epoch', epoch: 'new', offset: 3 } })
  wire.say({ id: wire.lastSent.id, subscribe: loaded(3, [item('a', 0)], 'new') })
  wire.say({ topic: BOARD, pub: pub(4, 3, 'a', { n: 4 }, 1) })
  await frame()
  expect(batches[1]).toEqual([[item('a', 1, { n: 4 })], true])
})

test('it comes back to the place held and applies only what it missed', async () => {
  const wire = await begin()
  wire.end(1012)
  expect(now()).toBe('reconnecting')
  const again = await comeBack(missed(11, [pub(11, 10, 'a', { n: 11 })]))
  expect(again.sent[0]!.connect.subs).toEqual({ [BOARD]: { epoch: 'k', offset: 10 } })
  expect(batches[1]).toEqual([[item('a', 11, { n: 11 })], false])
  expect(now()).toBe('live')
})

test('pauses between attempts double up to twenty seconds, halved here by chance', async () => {
  const wire = await begin()
  wire.end(1006)
  const pauses: number[] = []
  for (let attempt = 0; attempt < 8; attempt++) {
    const [known, sockets] = [attempts(), Wire.all.length]
    let waited = 0
    for (; attempts() === known; waited += 50) await pass(50)
    pauses.push(waited)
    if (Wire.all.length > sockets) Wire.last.end(1006)
    await settle()
  }
  expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000])
})

test('a connection that held half a minute forgives earlier failures', async () => {
  let wire = await begin()
  for (let failure = 0; failure < 4; failure++) {
    wire.end(1006)
    wire = await comeBack(missed(10, []))
  }
  for (let answered = 0; answered < 2; answered++) {
    await pass(20_000)
    wire.say({})
  }
  wire.end(1006)
  const known = Wire.all.length
  await pass(250)
  expect(Wire.all.length).toBe(known + 1)
})

test('a silent socket is not believed', async () => {
  const wire = await begin()
  await pass(34_000)
  expect(wire.isClosed).toBe(false)
  await pass(10_000)
  expect(wire.isClosed).toBe(true)
  expect(Wire.all.length).toBeGreaterThan(1)
})

test('a ping is answered and keeps the socket', async () => {
  const wire = await begin()
  for (let ping = 0; ping < 5; ping++) {
    await pass(25_000)
    wire.say({})
    expect(wire.lastSent).toEqual({})
  }
  expect(wire.isClosed).toBe(false)
  expect(live.dataAt).toBe(Date.now())
})

test('what is on screen becomes stale half a minute after the loss, with the hour at which it was true', async () => {
  const wire = await begin()
  await pass(5_000)
  wire.say({ topic: BOARD, pub: pub(11, 10, 'a', { n: 1 }) })
  const trueAt = Date.now()
  await pass(3_000)
  wire.end(1006)
  expect(states.at(-1)).toEqual(['reconnecting', trueAt])
  await pass(36_000)
  expect(states.at(-1)).toEqual(['stale', trueAt])
})

test('a tab that wakes up finds its socket dead and comes back within two seconds', async () => {
  const wire = await begin()
  vi.setSystemTime(Date.now() + 600_000) // asleep: no timer ran
  document.dispatchEvent(new Event('visibilitychange'))
  expect(wire.isClosed).toBe(true)
  await pass(2_000)
  expect(Wire.all).toHaveLength(2)
})

test('the return of the network ends a long pause', async () => {
  const wire = await begin()
  wire.end(1006)
  for (let attempt = 0; attempt < 6; attempt++) {
    for (const known = attempts(); attempts() === known; ) await pass(50)
    Wire.last.onclose?.({ code: 1006 })
    await settle()
  }
  const known = attempts()
  dispatchEvent(new Event('online'))
  await pass(2_000)
  expect(attempts()).toBe(known + 1)
})

test('before a deploy it changes over in its turn and is served until then', async () => {
  const wire = await begin()
  wire.say({ disconnect: { code: 3001, reason: 'shutdown', reconnect: true, within_ms: 8000 } })
  await pass(3_900)
  wire.say({ topic: BOARD, pub: pub(11, 10, 'a', { n: 1 }) })
  expect(Wire.all).toHaveLength(1)
  await pass(200)
  expect(Wire.all).toHaveLength(2)
  expect(wire.isClosed).toBe(true)
})

test('closed by the deploy before its turn it keeps to the window', async () => {
  const wire = await begin()
  wire.say({ disconnect: { code: 3001, reason: 'shutdown', reconnect: true, within_ms: 8000 } })
  wire.end(1012)
  await pass(3_900)
  expect(Wire.all).toHaveLength(1)
  await pass(200)
  expect(Wire.all).toHaveLength(2)
})

test.each([3500, 3501, 3504, 3507])('closed with %i it stays away and says so', async (code) => {
  const wire = await begin()
  wire.end(code)
  await pass(60_000)
  expect(Wire.all).toHaveLength(1)
  expect(refused).toEqual([code])
  expect(now()).toBe('stale')
})

test('a temporary refusal of a topic is asked again, a final one is not waited for', async () => {
  const wire = await begin({ error: { code: 100, message: '', temporary: true } })
  expect(now()).toBe('reconnecting')
  await pass(3_000)
  expect(wire.lastSent.subscribe).toEqual({ topic: BOARD })
  wire.say({ id: wire.lastSent.id, error: { code: 103, message: '', temporary: false } })
  await frame()
  expect(now()).toBe('live')
  expect(batches).toEqual([[[], true]])
})

test('a topic whose missing part cannot be had for now is not called true', async () => {
  const wire = await begin()
  wire.say({ topic: BOARD, pub: pub(15, 13, 'a', { n: 15 }) })
  wire.say({ id: wire.lastSent.id, error: { code: 108, message: '', temporary: true } })
  expect(now()).toBe('reconnecting')
  await pass(3_000)
  wire.say({ id: wire.lastSent.id, subscribe: missed(15, [pub(15, 10, 'a', { n: 15 })]) })
  await frame()
  expect(now()).toBe('live')
})

test('topics can be added and left while connected', async () => {
  const wire = await begin()
  const leave = live.subscribe('crew:7', () => {})
  expect(wire.lastSent.subscribe).toEqual({ topic: 'crew:7' })
  expect(now()).toBe('reconnecting')
  wire.say({ id: wire.lastSent.id, subscribe: { ...loaded(10), topic: 'crew:7' } })
  await frame()
  expect(now()).toBe('live')
  leave()
  expect(wire.lastSent.unsubscribe).toEqual({ topic: 'crew:7' })
})

test('presence says who else looks, and nobody while offline', async () => {
  const wire = await begin()
  const asked = live.attend('incident:42')
  wire.say({ id: wire.lastSent.id, presence: { topic: 'incident:42', present: [{ id: 'b', label: 'Bruno' }] } })
  expect(await asked).toEqual([{ id: 'b', label: 'Bruno' }])
  const lost = live.attend('incident:42', 'incident:7')
  expect(wire.lastSent.presence).toEqual({ topic: 'incident:42', at: 'incident:7' })
  wire.end(1006)
  expect(await lost).toEqual([])
  expect(await live.attend('incident:42')).toEqual([])
})

test('a page without a session asks for a token each time', async () => {
  let given = 0
  live = new Live({ name: 'track', url: 'wss://cpo.test/live', token: async () => `t${++given}` })
  const wire = await begin()
  expect(wire.sent[0]!.connect.token).toBe('t1')
  wire.end(1012)
  const again = await comeBack(missed(10, []))
  expect(again.sent[0]!.connect.token).toBe('t2')
})

test('a hidden tab still receives, in one batch a second', async () => {
  const wire = await begin()
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  wire.say({ topic: BOARD, pub: pub(11, 10, 'a', { n: 1 }) })
  await pass(900)
  expect(batches).toHaveLength(1)
  await pass(200)
  expect(batches).toHaveLength(2)
})

// -- the spare way

test('where no socket gets through it goes over a stream, whole and honest about it', async () => {
  const stream = await goSpare()
  expect(stream.url).toBe('/api/v1/live/sse?topic=board%3Acd19')
  expect(now()).toBe('degraded')
  expect(live.dataAt).toBe(Date.now() - 20)
  await stream.say({ topic: BOARD, pub: pub(11, 10, 'a', { n: 11 }) })
  await frame()
  expect(batches.at(-1)).toEqual([[item('a', 11, { n: 11 })], false])
  expect(await live.attend(BOARD)).toEqual([])
})

test('a frame may come in pieces', async () => {
  const stream = await goSpare()
  const text = `data: ${JSON.stringify({ topic: BOARD, pub: pub(11, 10, 'a', { n: 'é' }) })}\n\nid: x\n\n`
  for (let at = 0; at < text.length; at += 7) await stream.write(text.slice(at, at + 7))
  await frame()
  expect(batches.at(-1)).toEqual([[item('a', 11, { n: 'é' })], false])
})

test('when a stream ends a socket gets one chance, then another stream goes on where it stopped', async () => {
  const stream = await goSpare()
  await stream.say({ topic: BOARD, pub: pub(11, 10, 'a', { n: 11 }) })
  await stream.end()
  expect(now()).toBe('reconnecting')
  const known = Wire.all.length
  await pass(5_000)
  expect(Wire.all.length).toBe(known + 1)
  Wire.last.end(1006)
  await pass(10_000)
  expect(Stream.all).toHaveLength(2)
  expect(Stream.last.lastId).toBe(`${BOARD}@k:11`)
})

test('a hole in a stream is mended by another stream, not by a socket', async () => {
  const stream = await goSpare()
  await stream.say({ topic: BOARD, pub: pub(15, 13, 'a', { n: 15 }) })
  expect(now()).toBe('reconnecting')
  const known = Wire.all.length
  await pass(500)
  await settle()
  expect([Wire.all.length, Stream.all.length]).toEqual([known, 2])
  expect(Stream.last.lastId).toBe(`${BOARD}@k:10`)
  await Stream.last.say({ id: 1, connect: { ping: 25, subs: { [BOARD]: missed(15, [pub(15, 10, 'a', { n: 15 })]) } } })
  await frame()
  expect(now()).toBe('degraded')
  expect(batches.at(-1)).toEqual([[item('a', 15, { n: 15 })], false])
})

test('a stream that is sent away comes back in its window, one that is revoked stays away', async () => {
  const stream = await goSpare()
  await stream.say({ disconnect: { code: 3001, reason: 'shutdown', reconnect: true, within_ms: 8000 } })
  const known = attempts()
  await pass(3_900)
  expect(attempts()).toBe(known)
  await pass(200)
  expect(attempts()).toBe(known + 1)
  await greet(loaded(10))
  Wire.last.say({ disconnect: { code: 3500, reason: 'revoked', reconnect: false, within_ms: 0 } })
  await pass(60_000)
  expect(attempts()).toBe(known + 1)
  expect(refused).toEqual([3500])
})

test.each([[401, 3500], [403, 3507], [422, 3501], [429, 3504]])('a stream refused with %i is refused for good', async (status, code) => {
  live.subscribe(BOARD, () => {})
  stop = live.start()
  await pass()
  Stream.status = status
  for (let socket = 0; socket < 2; socket++) {
    Wire.last.end(1006)
    await pass(1_000)
  }
  await settle()
  expect(refused).toEqual([code])
})

test('a proxy that lets the handshake through and no frame is found out', async () => {
  Stream.status = 200
  live.subscribe(BOARD, () => {})
  stop = live.start()
  for (let turn = 0; turn < 60 && Stream.all.length === 0; turn++) {
    await pass(1_000)
    Wire.last.onopen?.()
  }
  expect(Wire.all).toHaveLength(2)
  expect(Stream.all).toHaveLength(1)
})

test('without network it says so, with the hour of what is on screen', async () => {
  const wire = await begin()
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
  expect(now()).toBe('live') // a service on this very machine needs no network
  wire.end(1006)
  expect(states.at(-1)![0]).toBe('offline')
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(true)
  expect(now()).toBe('reconnecting')
})

test('pauses are spread by chance over the whole window', async () => {
  const pauses = new Set<number>()
  for (const chance of [0, 0.25, 0.5, 0.999]) {
    vi.spyOn(Math, 'random').mockReturnValue(chance)
    live = new Live({ name: 'board', url: 'wss://cpo.test/live' })
    const wire = await begin()
    wire.say({ disconnect: { code: 3001, reason: 'shutdown', reconnect: true, within_ms: 8000 } })
    const known = Wire.all.length
    let waited = 0
    for (; Wire.all.length === known && waited < 9_000; waited += 10) await pass(10)
    pauses.add(Math.round(waited / 1000))
    stop?.()
  }
  expect([...pauses]).toEqual([0, 2, 4, 8])
})

test('an admission that ends is renewed with a fresh token and nothing is lost', async () => {
  let given = 0
  live = new Live({ name: 'track', url: 'wss://cpo.test/live', token: async () => `t${++given}`, onRefused: (code) => refused.push(code) })
  const wire = await begin()
  wire.end(3005)
  const again = await comeBack(missed(11, [pub(11, 10, 'a', { n: 11 })]))
  expect(again.sent[0]!.connect).toMatchObject({ token: 't2', subs: { [BOARD]: { epoch: 'k', offset: 10 } } })
  expect(refused).toEqual([])
  expect(now()).toBe('live')
})

test.each([1006, 1012, 3001, 3005, 3008, 3012])('closed with %i it comes back', async (code) => {
  const wire = await begin()
  wire.end(code)
  await comeBack(missed(10, []))
  expect(now()).toBe('live')
})
