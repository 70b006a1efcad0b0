// @vitest-environment node
import { expect, test } from 'vitest'
import { ALONE, groupsOf, type Names } from './groups'
import type { Row } from './queue.svelte'
import { aVisit, anIncident, at } from './sample'

const names: Names = { sectorOf: (insee) => (insee === '19272' ? 'Tulle' : undefined), waits: (row) => row.visit === undefined }
const row = (id: string, part: Partial<Row['incident']> = {}, more: Partial<Row> = {}): Row => ({ incident: anIncident({ id, ...part }), visit: undefined, timing: null, jeopardy: null, ...more })
const place = (northM: number) => ({ label: null, commune: 'Tulle', insee: '19272', lat: 45.27 + northM / 111_320, lon: 1.77 })
const ids = (rows: readonly Row[]): string[] => rows.map((one) => one.incident.id).sort()

test('reports of one kind, near in place and time, are one suspected cause, by chains', () => {
  const rows = [row('a', { place: place(0), reported_at: at(-60) }), row('b', { place: place(600), reported_at: at(-50) }), row('c', { place: place(1200), reported_at: at(-40) })]
  const [only, ...none] = groupsOf(rows, 'cause', names)
  expect(none).toEqual([])
  expect(only).toMatchObject({ key: 'a', waiting: 3 })
  expect(ids(only!.rows)).toEqual(['a', 'b', 'c'])
})

test('another kind, another place or another day is another thing; what is alone stays in sight', () => {
  const rows = [
    row('a', { place: place(0) }), row('kind', { place: place(10), category: 'lamp_out' }),
    row('far', { place: place(900) }), row('old', { place: place(20), reported_at: at(-30 - 181) }),
    row('nowhere', { place: { label: null, commune: null, insee: null, lat: null, lon: null } }),
  ]
  const found = groupsOf(rows, 'cause', names)
  expect(found.map((one) => [one.key, one.rows.length, one.waiting])).toEqual([[ALONE, 5, 5]])
})

test('what is near across the edge of a cell is still found', () => {
  for (let north = 0; north < 1400; north += 70) {
    const rows = [row('a', { place: place(north) }), row('b', { place: place(north + 690) })]
    expect(groupsOf(rows, 'cause', names)).toHaveLength(1)
  }
})

test('by sector and by category every incident is in one group', () => {
  const rows = [row('a'), row('b', { category: 'lamp_out', priority: 'P1' }), row('c', { place: { label: null, commune: null, insee: null, lat: null, lon: null } })]
  expect(groupsOf(rows, 'sector', names).map((one) => [one.key, one.rows.length])).toEqual([['Tulle', 2], ['', 1]])
  expect(groupsOf(rows, 'category', names).map((one) => [one.key, one.urgent])).toEqual([['water_leak_road', 0], ['lamp_out', 1]])
})

test('what waits leads, whatever the size', () => {
  const rows = [row('a', {}, { visit: aVisit() }), row('b', {}, { visit: aVisit() }), row('c', { category: 'lamp_out' })]
  expect(groupsOf(rows, 'category', names).map((one) => one.key)).toEqual(['lamp_out', 'water_leak_road'])
})

test('three thousand incidents in one chain are grouped without delay', () => {
  const many = Array.from({ length: 3000 }, (_, index) => row(`i${index}`, { place: place(index * 100) }))
  const before = performance.now()
  expect(groupsOf(many, 'cause', names)).toHaveLength(1)
  expect(performance.now() - before).toBeLessThan(5000)
})
