// @vitest-environment node
import { readFileSync } from 'node:fs'
import Bell from '@lucide/svelte/icons/bell'
import { expect, test } from 'vitest'
import { iconOf, shapeOf } from './kinds'

const catalogue = readFileSync('../fixtures/categories.toml', 'utf-8')
const kinds = [...catalogue.matchAll(/^code = "(\w+)"\nservice = "(\w+)"/gm)].map(([, code = '', service = '']) => ({ code, service }))

test('every kind of the catalogue but « other » has an icon of its own', () => {
  expect(kinds.length).toBeGreaterThan(40)
  const bare = kinds.filter(({ code, service }) => iconOf(code, service) === Bell).map(({ code }) => code)
  expect(bare.filter((code) => !['other', 'wasp_nest'].includes(code))).toEqual([])
})

test('the shape tells the kind: circle water, diamond road, square networks, hexagon the rest', () => {
  expect(['drinking_water', 'sewerage', 'roads', 'winter_service', 'public_lighting', 'waste'].map(shapeOf)).toEqual([
    'circle', 'circle', 'diamond', 'diamond', 'square', 'hexagon',
  ])
})
