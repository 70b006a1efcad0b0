// @vitest-environment node
import { beforeEach, expect, test } from 'vitest'
import { board } from './board.svelte'
import { aVisit, anIncident } from './sample'

const incident = (id: string, ver: number, title = 'Fuite') => ({ key: `incident:${id}`, ver, data: anIncident({ id, ver, title }) })

beforeEach(() => board.replace([incident('i1', 3), { key: 'visit:v1', ver: 1, data: aVisit() }]))

test('a newer version replaces what is held, an older one is ignored', () => {
  board.apply([incident('i1', 4, 'Rupture')])
  expect(board.incidents.get('i1')?.title).toBe('Rupture')
  board.apply([incident('i1', 2, 'Vieux')])
  expect(board.incidents.get('i1')?.title).toBe('Rupture')
})

test('nothing in data means that the key is gone', () => {
  board.apply([{ key: 'incident:i1', ver: 5, data: null }])
  expect(board.incidents.has('i1')).toBe(false)
})

test('a fresh picture forgets what is not in it', () => {
  board.replace([incident('i2', 1)])
  expect([...board.incidents.keys()]).toEqual(['i2'])
  expect(board.visits.size).toBe(0)
})

test('a batch leaves the tables that it does not touch as they were', () => {
  const before = board.visits
  board.apply([incident('i9', 1)])
  expect(board.visits).toBe(before)
})

test('an unknown key from a newer service harms nothing', () => {
  board.apply([{ key: 'weather', ver: 1, data: { colour: 'orange' } }, incident('i7', 1)])
  expect(board.incidents.has('i7')).toBe(true)
})
