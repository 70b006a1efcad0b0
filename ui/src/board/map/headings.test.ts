// @vitest-environment node
import { expect, test } from 'vitest'
import { NOON, aCrew, at } from '../state/sample'
import { crewPoints } from './features'
import { Headings, headingFrom } from './headings'

test('a heading is degrees from north, clockwise; a trembling position has none', () => {
  expect(headingFrom([1.77, 45.27], [1.77, 45.28])).toBe(0)
  expect(headingFrom([1.77, 45.27], [1.79, 45.27])).toBe(90)
  expect(headingFrom([1.77, 45.27], [1.75, 45.27])).toBe(270)
  expect(headingFrom([1.77, 45.27], [1.771, 45.271])).toBeNull()
})

test('a crew on its way shows where it goes once it has moved, and keeps it while it stands at a light', () => {
  const headings = new Headings()
  const seen = (lat: number, state: 'en_route' | 'on_site' = 'en_route') =>
    crewPoints([aCrew({ state, position: { lat, lon: 1.77, at: at(0), source: 'crew' } })], null, NOON, headings).features[0]!.properties.heading
  expect(seen(45.27)).toBeUndefined()
  expect(seen(45.26)).toBe(180)
  expect(seen(45.261)).toBe(180)
  expect(seen(45.261, 'on_site')).toBeUndefined()
  // The next drive has not gone anywhere yet.
  expect(seen(45.261)).toBeUndefined()
})
