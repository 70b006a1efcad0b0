// @vitest-environment node
import { expect, test } from 'vitest'
import { diffOf, parted } from './diff'
import type { PointFeature } from './features'

const point = (id: string, lon: number, icon = 'a'): PointFeature => ({
  type: 'Feature', properties: { id, icon }, geometry: { type: 'Point', coordinates: [lon, 45] },
})

test('only what moved, changed its looks, came or went is written', () => {
  const first = diffOf(new Map(), [point('still', 1), point('moves', 1), point('turns', 1), point('goes', 1)])
  expect(first.add).toHaveLength(4)
  expect(first.remove).toEqual([])

  const second = diffOf(first.held, [point('still', 1), point('moves', 2), point('turns', 1, 'b'), point('comes', 1)])

  expect(second.add.map((one) => one.properties.id)).toEqual(['moves', 'turns', 'comes'])
  expect(second.remove).toEqual(['moves', 'turns', 'goes'])
})

test('a thousand points of which none moved cost no write', () => {
  const many = Array.from({ length: 1000 }, (_, index) => point(String(index), index / 1000))
  const { held } = diffOf(new Map(), many)
  const again = diffOf(held, many)
  expect(again.add).toEqual([])
  expect(again.remove).toEqual([])
})

test('few stand alone; of many, the gravest do', () => {
  expect(parted([1, 2, 3], 3)).toEqual({ alone: [1, 2, 3], crowd: [] })
  expect(parted([1, 2, 3, 4], 2)).toEqual({ alone: [1, 2], crowd: [3, 4] })
})
