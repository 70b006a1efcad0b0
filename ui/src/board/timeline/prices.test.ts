// @vitest-environment node
import { expect, test } from 'vitest'
import type { CrewMoves, Move, MovePlace, Moves } from '../../lib/types'
import { at } from '../state/sample'
import { nearestPlace, toneOf } from './prices.svelte'

const place = (position: number, minutes: number): MovePlace => ({ position, start_at: at(minutes), price: { urgent_min: 0, ordinary_min: 1 }, is_lawful: true, is_here: false })
const crew = (best: Partial<Move>): CrewMoves => ({ best: { is_lawful: true, warnings: [], ...best } as Move, places: [] })

test('a bar held at an hour snaps to the place that starts nearest', () => {
  const places = [place(0, 0), place(1, 60), place(2, 150)]
  expect(nearestPlace(places, Date.parse(at(40)))?.position).toBe(1)
  expect(nearestPlace(places, Date.parse(at(-300)))?.position).toBe(0)
  expect(nearestPlace([], 0)).toBeUndefined()
})

test('a row shows the worst thing that its best place does', () => {
  const first = crew({})
  const found = { crews: [first] } as unknown as Moves
  expect(toneOf(first, found)).toBe('best')
  expect(toneOf(crew({}), found)).toBe('fine')
  expect(toneOf(crew({ warnings: ['overtime'] }), found)).toBe('warn')
  expect(toneOf(crew({ warnings: ['overtime', 'late'] }), found)).toBe('risk')
  expect(toneOf(crew({ is_lawful: false, warnings: ['late'] }), found)).toBe('no')
})
