// @vitest-environment node
import { expect, test } from 'vitest'
import { HOUR, MINUTE, day, distance, due, duration, signed, startOfDay, time, workHours } from './format'

const noon = Date.parse('2026-11-24T11:00:00Z')

test('hours are those of Paris, whatever the machine says', () => {
  expect(time('2026-11-24T13:07:00Z')).toBe('14:07')
  expect(time('2026-07-14T13:07:00Z')).toBe('15:07')
})

test('a day begins with a capital', () => {
  expect(day('2026-11-24T13:07:00Z')).toBe('Mardi 24 novembre')
})

test('a countdown never promises more than is left', () => {
  expect(duration(39 * MINUTE + 59_000)).toBe('39 min')
  expect(duration(78 * MINUTE)).toBe('1 h 18')
})

test('a due time is minutes when close, an hour today, a day after that', () => {
  expect(due(noon + 39 * MINUTE, noon)).toBe('39 min')
  expect(due(noon + 7 * HOUR, noon)).toBe('19:00')
  expect(due(noon + 24 * HOUR, noon)).toBe('demain')
  expect(due(noon + 72 * HOUR, noon)).toBe('vendredi')
  expect(due(noon - 2 * MINUTE, noon)).toBe('+ 2 min')
})

test('a decrease carries a true minus sign', () => {
  expect(signed(-14)).toBe('−14')
  expect(signed(20)).toBe('+20')
  expect(signed(0)).toBe('0')
})

test('distances are rounded as people say them', () => {
  expect(distance(113)).toBe('110 m')
  expect(distance(1_240)).toBe('1,2 km')
  expect(distance(27_300)).toBe('27 km')
})

test('midnight is found on the days of 23 and 25 hours', () => {
  expect(new Date(startOfDay('2026-03-29T12:00:00Z')).toISOString()).toBe('2026-03-28T23:00:00.000Z')
  expect(new Date(startOfDay('2026-10-25T12:00:00Z')).toISOString()).toBe('2026-10-24T22:00:00.000Z')
  expect(new Date(startOfDay('2026-10-25T22:59:00Z')).toISOString()).toBe('2026-10-24T22:00:00.000Z')
})

test('hours of crews that are left are summed in hours, never in days', () => {
  expect(workHours(70 * HOUR)).toBe('70 h')
  expect(workHours(HOUR - MINUTE)).toBe('59 min')
})
