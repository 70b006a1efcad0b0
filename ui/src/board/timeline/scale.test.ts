// @vitest-environment node
import { expect, test } from 'vitest'
import { DAY } from '../../lib/format'
import { homeOf, scaleOf, ticks } from './scale'

const now = Date.parse('2026-11-24T13:07:00Z')

test('pixels and instants are each other’s inverse', () => {
  const scale = scaleOf('six', now, 900)
  expect(scale.at(scale.x(now + 5_000_000))).toBeCloseTo(now + 5_000_000)
})

test('the picture stays still within its step', () => {
  expect(homeOf('six', now)).toBe(homeOf('six', now + 5 * 60_000))
})

test('six hours show a label each hour', () => {
  const labels = ticks('six', scaleOf('six', homeOf('six', now), 900)).map((tick) => tick.label).filter(Boolean)
  expect(labels).toEqual(['13:00', '14:00', '15:00', '16:00', '17:00', '18:00'])
})

test('a week begins on Monday and has seven days, also when the clocks change', () => {
  const home = homeOf('week', Date.parse('2026-10-25T12:00:00Z'))
  expect(new Date(home).toISOString()).toBe('2026-10-18T22:00:00.000Z')
  expect(ticks('week', scaleOf('week', home, 900)).length).toBe(7)
  expect(ticks('week', scaleOf('week', homeOf('week', now), 900)).length).toBe(7)
  expect(DAY).toBe(86_400_000)
})
