// @vitest-environment node
import { expect, test } from 'vitest'
import type { Position } from '../../lib/places'
import type { Sensor } from '../../lib/types'
import { sensorPoints, type Commune } from './features'
import { AT_FIRST_HIDDEN, LAYERS, turned, type LayerName } from './layers'
import { sectorPicture } from './sectors'
import { styleOf } from './style'

/** A square of one degree with its lower left corner at x, 45. */
function square(insee: string, x: number): Commune {
  const ring: Position[] = [[x, 45], [x + 1, 45], [x + 1, 46], [x, 46], [x, 45]]
  return { type: 'Feature', properties: { insee, nom: insee, population: 10 }, geometry: { type: 'Polygon', coordinates: [ring] } }
}
const three = [square('a', 0), square('b', 1), square('c', 2)]
const lines = (sectorOf: (insee: string) => string | undefined): string[] =>
  sectorPicture(three, sectorOf).lines.features.flatMap((one) => one.geometry.coordinates.map((line) => line.join(' ')))

test('the border between two communes of one sector is not drawn, that between two sectors once', () => {
  const drawn = lines((insee) => (insee === 'c' ? 'East' : 'West'))
  const at = (x: number): string[] => drawn.filter((line) => [`${x},45 ${x},46`, `${x},46 ${x},45`].includes(line))
  expect(at(1)).toEqual([])
  expect(at(2)).toHaveLength(1)
  expect(at(0)).toHaveLength(1)
  expect(drawn).toHaveLength(9)
})

test('a commune that nobody answers for leaves the border of its neighbour', () => {
  const drawn = lines((insee) => (insee === 'a' ? 'West' : undefined))
  expect(drawn).toHaveLength(4)
})

test('a sector is named in the middle of its communes', () => {
  const { names } = sectorPicture(three, (insee) => (insee === 'c' ? 'East' : 'West'))
  const byName = new Map(names.features.map((one) => [one.properties.name, one.geometry.coordinates]))
  expect(byName.get('West')![0]).toBeCloseTo(1)
  expect(byName.get('East')![0]).toBeCloseTo(2.5)
})

test('sensors carry their value and their state to the map', () => {
  const sensor = { code: 's1', name: 'Réservoir', state: 'low', lat: 45.2, lon: 1.7, value: 0.4, unit: 'bar' } as unknown as Sensor
  const [point] = sensorPoints([sensor], () => '0,4 bar').features
  expect(point!.properties).toEqual({ id: 's1', state: 'low', label: '0,4 bar' })
  expect(point!.geometry.coordinates).toEqual([1.7, 45.2])
})

test('each layer that can be taken away is in the style, and those hidden at first do not draw', () => {
  const style = styleOf((name) => `#${name}`, { url: 'https://tiles.example/{z}/{x}/{y}.png', credit: 'x' })
  const held = new Map(style.layers.map((one) => [one.id, one]))
  for (const [name, ids] of Object.entries(LAYERS) as [LayerName, string[]][]) {
    for (const id of ids) {
      expect(held.has(id), id).toBe(true)
      if (AT_FIRST_HIDDEN.includes(name)) expect(held.get(id)!.layout?.visibility).toBe('none')
    }
  }
  expect(turned(turned(AT_FIRST_HIDDEN, 'sensors'), 'sensors')).toEqual(['sectors', 'sensors'])
})
