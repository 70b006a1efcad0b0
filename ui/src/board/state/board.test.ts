// @vitest-environment node
import { beforeEach, expect, test } from 'vitest'
import { board, rowsOf } from './board.svelte'
import { aCrew, aVisit, anIncident, at } from './sample'

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

test("a crew's visits come in order of start, and the list of a crew whose visits rest is the same list", () => {
  const late = aVisit({ id: 'v2', start_at: at(90) })
  const early = aVisit({ id: 'v1', start_at: at(20) })
  const other = aVisit({ id: 'v3', crew_id: 'c2' })
  const first = rowsOf([late, early, other], new Map())
  expect(first.get('c1')?.map((one) => one.id)).toEqual(['v1', 'v2'])

  const moved = { ...early, ver: 2, start_at: at(120) }
  const second = rowsOf([late, moved, other], first)
  expect(second.get('c2')).toBe(first.get('c2'))
  expect(second.get('c1')?.map((one) => one.id)).toEqual(['v2', 'v1'])
})

test('crews are ordered as people count: 2 before 10', () => {
  board.apply(['Tulle 10', 'Tulle 2', 'Égletons 1'].map((name, at) => ({ key: `crew:k${at}`, ver: 1, data: aCrew({ id: `k${at}`, name }) })))
  expect(board.crewList.map((one) => one.name)).toEqual(['Égletons 1', 'Tulle 2', 'Tulle 10'])
})
