import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { get, post } from '../../lib/api'
import { holdClock, now, setClock } from '../../lib/clock.svelte'
import { board } from './board.svelte'
import { MINUTE, past } from './past.svelte'
import { NOON, anIncident } from './sample'

const answers: string[] = []

beforeEach(() => {
  vi.useFakeTimers()
  setClock({ kind: 'clock', ver: 1, at: new Date(NOON).toISOString(), rate: 1, paused: true, wall_at: '' } as never)
  answers.length = 0
  vi.stubGlobal('fetch', (url: string) => {
    answers.push(url)
    const items = [{ key: 'incident:i1', ver: 1, data: anIncident({ title: 'Then' }) }]
    return Promise.resolve(new Response(JSON.stringify({ items }), { status: 200 }))
  })
})
afterEach(() => {
  past.leave()
  holdClock(null)
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('the board, the clock and every change stand still while somebody looks back', async () => {
  const back = vi.fn()
  past.comesBackBy(back)
  past.go(NOON - 30 * MINUTE)
  past.go(NOON - 20 * MINUTE)
  await vi.runAllTimersAsync()

  expect(answers).toEqual([`/api/v1/board/past?at=${encodeURIComponent(new Date(NOON - 20 * MINUTE).toISOString())}`])
  expect(board.incidents.get('i1')?.title).toBe('Then')
  expect(now()).toBe(NOON - 20 * MINUTE)
  await expect(post('/incidents/i1/notes', {})).rejects.toMatchObject({ code: 'read_only' })
  await expect(get('/board')).resolves.toBeDefined()

  past.leave()
  expect(back).toHaveBeenCalledOnce()
  expect(now()).toBe(NOON)
  await expect(post('/incidents/i1/notes', {})).resolves.toBeDefined()
})

test('the present minute is the present', () => {
  past.go(NOON - MINUTE)
  expect(past.at).toBe(NOON - MINUTE)
  past.step(1)
  expect(past.at).toBeNull()
})

test('an answer that comes after leaving is not shown', async () => {
  board.replace([{ key: 'incident:i1', ver: 2, data: anIncident({ title: 'Now', ver: 2 }) }] as never)
  past.go(NOON - 5 * MINUTE)
  past.leave()
  await vi.runAllTimersAsync()
  expect(board.incidents.get('i1')?.title).toBe('Now')
})
