import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EVERY_MS, WallFeed, askWith } from './feed.svelte'

let answers: (() => Promise<Response>)[] = []
let asked = 0
let now = 0
const picture = (late: number) => new Response(JSON.stringify({ counts: { late } }))
const ask = (): Promise<Response> => {
  asked += 1
  return (answers.shift() ?? (() => Promise.resolve(picture(0))))()
}
let stop: () => void = () => undefined
const started = (): WallFeed => {
  const made = new WallFeed(ask, () => now)
  stop = made.start()
  return made
}

beforeEach(() => {
  vi.useFakeTimers()
  asked = 0
  now = 0
  answers = []
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

test('it asks at once, then every few seconds', async () => {
  answers = [async () => picture(1), async () => picture(2)]
  const feed = started()
  await vi.advanceTimersByTimeAsync(0)
  expect(feed.picture?.counts.late).toBe(1)
  await vi.advanceTimersByTimeAsync(EVERY_MS)
  expect(feed.picture?.counts.late).toBe(2)
})

test('a lost network keeps what is on screen, waits longer and longer, and comes back by itself', async () => {
  const lost = () => Promise.reject(new TypeError('no network'))
  answers = [async () => picture(7), lost, lost, lost]
  const feed = started()
  await vi.advanceTimersByTimeAsync(EVERY_MS)
  expect(feed.trouble).toBe('away')
  expect(feed.picture?.counts.late).toBe(7)
  expect(feed.heardAt).toBe(0)
  await vi.advanceTimersByTimeAsync(EVERY_MS)
  expect(asked).toBe(2)
  now = 60_000
  await vi.advanceTimersByTimeAsync(60_000)
  expect(feed.trouble).toBeNull()
  expect(feed.heardAt).toBe(60_000)
})

test('a shut door is told apart from a lost network, and knocked at again', async () => {
  answers = [async () => new Response('', { status: 401 })]
  const feed = started()
  await vi.advanceTimersByTimeAsync(0)
  expect(feed.trouble).toBe('shut')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(feed.trouble).toBeNull()
})

test('an answer that never comes is given up', async () => {
  const feed = new WallFeed((signal) => (asked++ === 0 ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))) : Promise.resolve(picture(3))), () => now)
  stop = feed.start()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(feed.picture?.counts.late).toBe(3)
})

test('a stopped feed asks no more', async () => {
  started()
  await vi.advanceTimersByTimeAsync(0)
  stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toBe(1)
})

test('the token of the address goes into the header, and only there', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch').mockResolvedValue(picture(0))
  await askWith('#cle=secret')(new AbortController().signal)
  expect(fetched.mock.calls[0]![0]).toBe('/api/v1/wall')
  expect((fetched.mock.calls[0]![1]!.headers as Record<string, string>).Authorization).toBe('Bearer secret')
  await askWith('')(new AbortController().signal)
  expect(fetched.mock.calls[1]![1]!.headers).toEqual({})
  fetched.mockRestore()
})
