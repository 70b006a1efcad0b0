import { expect, test } from 'vitest'
import type { Sensor } from '../lib/types'
import { bySector, curveOf, TALL, WIDE } from './words'

const plain: Sensor = {
  code: 'p1', name: 'P1', metric: 'pressure', unit: 'bar', low: 3, high: 7, sector: 'B', communes: [], lat: 45, lon: 1, synthetic: true,
  value: 5, at: '2026-11-24T09:00:00Z', age_min: 0, is_low: false, is_high: false, state: 'normal', trend: null, change_per_hour: null,
  recent: [], incident: null,
}
const sensor = (changes: Partial<Sensor>): Sensor => ({ ...plain, ...changes })

test('what is out of range comes first, sector and sensor', () => {
  const found = bySector([
    sensor({ code: 'a', name: 'A', sector: 'Aval' }),
    sensor({ code: 'b', name: 'B', sector: 'Bourg' }),
    sensor({ code: 'c', name: 'C', sector: 'Bourg', state: 'low' }),
    sensor({ code: 'd', name: 'D', sector: 'Bourg', state: 'stale' }),
  ])

  expect(found.map(({ name, sensors }) => [name, sensors.map(({ code }) => code)])).toEqual([['Bourg', ['c', 'd', 'b']], ['Aval', ['a']]])
})

test('a curve stays in its box and its band is the normal range', () => {
  const recent = [8, 5, 1].map((value, index) => ({ at: new Date(Date.UTC(2026, 10, 24, 6 + index)).toISOString(), value }))

  const curve = curveOf(sensor({ recent }))

  const numbers = [...curve.line.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)])
  expect(numbers).toHaveLength(3)
  expect(numbers.every(([x = -1, y = -1]) => x >= 0 && x <= WIDE && y >= 0 && y <= TALL)).toBe(true)
  expect(curve.last).toEqual({ x: numbers[2]?.[0], y: numbers[2]?.[1] })
  expect(curve.band!.y).toBeGreaterThan(0)
  expect(curve.band!.y + curve.band!.height).toBeLessThan(TALL)
})

test('nothing measured draws nothing', () => {
  expect(curveOf(sensor({ recent: [] }))).toEqual({ line: '', last: null, band: null })
})
