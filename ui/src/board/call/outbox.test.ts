import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Outbox, type Unsent } from './outbox.svelte'

const call = (key: string): Unsent => ({ key, body: { text: 'fuite rue Carnot', channel: 'phone' }, keptAt: 0 })
let heard: { key: string | null; status: number }[] = []
let answers: (number | 'dead')[] = []

async function answer(_url: string, init: RequestInit): Promise<Response> {
  const next = answers.shift() ?? 201
  if (next === 'dead') throw new TypeError('network')
  heard.push({ key: new Headers(init.headers).get('Idempotency-Key'), status: next })
  const data = next < 400 ? { reference: 'K7TM-4R2', tracking_url: '/suivi/x', incident: null } : { code: 'invalid_input', status: next }
  return new Response(JSON.stringify(data), { status: next })
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', answer)
  localStorage.clear()
  heard = []
  answers = []
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a call that nobody answered is kept here and leaves under the same key', async () => {
  const outbox = new Outbox()
  answers = ['dead', 503]
  expect(await outbox.send(call('key-of-this-call'))).toBeNull()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(outbox.unsent).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(outbox.unsent).toHaveLength(0)
  expect(heard).toEqual([{ key: 'key-of-this-call', status: 503 }, { key: 'key-of-this-call', status: 201 }])
})

test('a call survives the page', async () => {
  answers = ['dead']
  await new Outbox().send(call('key-of-this-call'))
  const reopened = new Outbox()
  expect(reopened.unsent.map((one) => one.key)).toEqual(['key-of-this-call'])
  const stop = reopened.start()
  await vi.advanceTimersByTimeAsync(10)
  expect(reopened.unsent).toHaveLength(0)
  stop()
})

test('what a person must correct is told, not kept for ever', async () => {
  const outbox = new Outbox()
  answers = [422]
  await expect(outbox.send(call('key-of-this-call'))).rejects.toMatchObject({ code: 'invalid_input' })
  expect(outbox.unsent).toHaveLength(0)
})
