// @vitest-environment node
import { expect, test } from 'vitest'
import { draw, pathOf, type Commune } from './outline'

const square = (west: number, south: number, nom: string, population: number): Commune => ({
  properties: { nom, population, lon: west + 0.5, lat: south + 0.5 },
  geometry: { type: 'Polygon', coordinates: [[[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1], [west, south]]] },
})

test('the territory fills its box, north up, and a point lands where it is', () => {
  const drawing = draw([square(1, 45, 'Tulle', 14_000), square(2, 45, 'Ussel', 9_000)])!
  expect(drawing.at(1, 46)).toEqual({ x: 0, y: 0 })
  expect(drawing.at(3, 45)).toEqual({ x: 1000, y: drawing.height })
  // 1° × cos 45.5° wide each, 1° high: two of them are 1.4 times as wide as high.
  expect(drawing.height).toBe(Math.round(1000 / (2 * Math.cos((45.5 * Math.PI) / 180))))
})

test('the largest communes are named', () => {
  expect(draw([square(1, 45, 'Tulle', 14_000), square(2, 45, 'Lieu', 90)], 1)!.towns.map((one) => one.name)).toEqual(['Tulle'])
})

test('without outlines there is nothing to draw', () => {
  expect(draw([])).toBeNull()
})

test('each kind has an outline of its own', () => {
  expect(pathOf('circle', 10)).toContain('a10 10')
  expect(pathOf('diamond', 10).match(/[ML]/g)).toHaveLength(4)
  expect(pathOf('diamond', 10)).toContain('M0.0 -11.6')
  expect(pathOf('square', 10)).toContain('M8.2 -8.2')
  expect(pathOf('hexagon', 10).match(/[ML]/g)).toHaveLength(6)
})
