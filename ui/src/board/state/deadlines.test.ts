// @vitest-environment node
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const asked: string[][] = []
vi.mock('../../lib/api', () => ({
  get: (path: string) => {
    const ids = [...path.matchAll(/incident_id=(\w+)/g)].map((found) => found[1]!)
    asked.push(ids)
    return Promise.resolve(ids.map((incident_id) => ({ incident_id, respond: { breach: 0.5 } })))
  },
}))
const { deadlines } = await import('./deadlines.svelte')

beforeEach(() => {
  asked.length = 0
  vi.useFakeTimers()
})
afterEach(() => vi.useRealTimers())

test('rows in sight are asked for together, once, and again when others come', async () => {
  deadlines.show(['a', 'b'])
  deadlines.show(['b', 'c'])
  await vi.advanceTimersByTimeAsync(500)
  expect(asked).toEqual([['b', 'c']])
  expect(deadlines.of('b')?.respond.breach).toBe(0.5)
  expect(deadlines.of('a')).toBeUndefined()

  deadlines.show(['c', 'b'])
  await vi.advanceTimersByTimeAsync(500)
  expect(asked).toHaveLength(1)

  deadlines.show(['a', 'b'])
  await vi.advanceTimersByTimeAsync(500)
  expect(asked.at(-1)).toEqual(['a'])
})

test('a day of scrolling keeps a bounded number, those in sight among them', async () => {
  for (let page = 0; page < 60; page += 1) {
    deadlines.show(Array.from({ length: 20 }, (_, index) => `p${page}n${index}`))
    await vi.advanceTimersByTimeAsync(500)
  }
  const held = Array.from({ length: 60 * 20 }, (_, index) => deadlines.of(`p${Math.floor(index / 20)}n${index % 20}`)).filter(Boolean)
  expect(held.length).toBeLessThanOrEqual(420)
  expect(deadlines.of('p59n0')).toBeDefined()
})
