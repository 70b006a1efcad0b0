// @vitest-environment node
import { expect, test } from 'vitest'
import { around, communeAt, fromSheet, onSheet, panned, project, tilesOf, zoomed, type Commune, type Point } from './plane'

const SIZE = { width: 320, height: 240 }
const TULLE: Point = [1.771, 45.267]
const box = (west: number, south: number, east: number, north: number): Point[] => [[west, south], [east, south], [east, north], [west, north], [west, south]]
const commune = (nom: string, ...rings: Point[][]): Commune => ({ properties: { nom, lon: 0, lat: 0, population: 1 }, geometry: { type: 'Polygon', coordinates: rings } })

test('the plane is that of raster tiles', () => {
  expect(project([0, 0], 0)).toEqual([128, 128])
  // Tile 8/129/91 of any web map has Tulle in it.
  const [x, y] = project(TULLE, 8)
  expect([Math.floor(x / 256), Math.floor(y / 256)]).toEqual([129, 91])
})

test('what is tapped is what is there', () => {
  const view = { lon: 1.7, lat: 45.3, zoom: 13 }
  const [lon, lat] = fromSheet(onSheet(TULLE, view, SIZE), view, SIZE)
  expect(lon).toBeCloseTo(TULLE[0], 6)
  expect(lat).toBeCloseTo(TULLE[1], 6)
  expect(onSheet([view.lon, view.lat], view, SIZE).map(Math.round)).toEqual([160, 120])
})

test('moving to the right goes east, downwards south, and back again is where one was', () => {
  const view = { lon: 1.7, lat: 45.3, zoom: 13 }
  const there = panned(view, 40, 40, SIZE)
  expect(there.lon).toBeGreaterThan(view.lon)
  expect(there.lat).toBeLessThan(view.lat)
  expect(panned(there, -40, -40, SIZE).lat).toBeCloseTo(view.lat, 6)
})

test('nearer and farther have their ends', () => {
  expect(zoomed({ lon: 0, lat: 0, zoom: 17.5 }, 1, 8).zoom).toBe(18)
  expect(zoomed({ lon: 0, lat: 0, zoom: 8.5 }, -1, 8).zoom).toBe(8)
})

test('the whole territory is on the sheet at first', () => {
  const all = [commune('A', box(1.2, 44.9, 1.6, 45.3)), commune('B', box(1.6, 45.3, 2.5, 45.7))]
  const view = around(all, SIZE)
  for (const corner of [[1.2, 44.9], [2.5, 45.7]] as Point[]) {
    const [x, y] = onSheet(corner, view, SIZE)
    expect(x).toBeGreaterThanOrEqual(0)
    expect(x).toBeLessThanOrEqual(SIZE.width)
    expect(y).toBeGreaterThanOrEqual(0)
    expect(y).toBeLessThanOrEqual(SIZE.height)
  }
})

test('a hole is not inside, an island is', () => {
  const holed = commune('Trou', box(0, 0, 4, 4), box(1, 1, 2, 2))
  const isles: Commune = { properties: { nom: 'Îles', lon: 0, lat: 0, population: 1 }, geometry: { type: 'MultiPolygon', coordinates: [[box(5, 5, 6, 6)], [box(1, 1, 2, 2)]] } }
  expect(communeAt([holed, isles], [3, 3])?.properties.nom).toBe('Trou')
  expect(communeAt([holed, isles], [1.5, 1.5])?.properties.nom).toBe('Îles')
  expect(communeAt([holed, isles], [9, 9])).toBeNull()
})

test('tiles cover the sheet, edge to edge', () => {
  const tiles = tilesOf('https://tiles.example/{z}/{x}/{y}.png', { lon: 1.7, lat: 45.3, zoom: 12.4 }, SIZE)
  expect(tiles[0]!.url).toMatch(/^https:\/\/tiles.example\/12\/\d+\/\d+.png$/)
  expect(Math.min(...tiles.map((one) => one.x))).toBeLessThanOrEqual(0)
  expect(Math.max(...tiles.map((one) => one.y + one.side))).toBeGreaterThanOrEqual(SIZE.height)
  expect(new Set(tiles.map((one) => one.url)).size).toBe(tiles.length)
})
