// @vitest-environment node
import { expect, test } from 'vitest'
import type { Coverage } from '../../lib/types'
import { fillOf, minutePoints, nobodyIn, stepOf } from './coverage'
import type { Commune } from './features'

const cover = (minutes: (number | null)[]): Coverage => ({
  at: '2026-11-24T11:00:00Z', promise_min: 60, crews: 3, travel_source: 'great_circle', sectors: [],
  communes: minutes.map((one, index) => ({ insee: `1900${index}`, name: `c${index}`, sector: null, minutes: one, crew: null })),
})
const commune = (insee: string): Commune => ({ type: 'Feature', properties: { insee, lon: 1.7, lat: 45.2, population: 10 }, geometry: { type: 'Polygon', coordinates: [] } })

test.each([[0, 'well'], [30, 'well'], [31, 'kept'], [60, 'kept'], [61, 'over'], [90, 'over'], [91, 'far'], [null, 'nobody']] as const)('%s min against 60 is %s', (minutes, step) => {
  expect(stepOf(minutes, 60)).toBe(step)
})

test('each commune has the colour of its step, others none', () => {
  expect(fillOf(cover([10, 70]), (name) => `#${name}`)).toEqual(['match', ['get', 'insee'], '19000', '#cover1', '19001', '#cover3', 'transparent'])
})

test('where nobody would come there is no colour, but hatching', () => {
  expect(fillOf(cover([null]), (name) => `#${name}`)).toEqual(['match', ['get', 'insee'], '19000', 'transparent', 'transparent'])
  expect(nobodyIn(cover([10, null]))).toEqual(['19001'])
})

test('minutes are written where a commune is known and somebody would come', () => {
  const points = minutePoints([commune('19000'), commune('19001'), commune('75056')], cover([12, null]))
  expect(points.features.map((one) => one.properties.minutes)).toEqual(['12'])
})
