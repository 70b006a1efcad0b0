// @vitest-environment node
import { expect, test } from 'vitest'
import { NOTHING_ASKED, fromAddress, isAsking, isSame, matches, toAddress, type Reader, type Wanted } from './filters'
import { plain } from './model'
import type { Row } from './queue.svelte'
import { aVisit, anIncident } from './sample'

const reader: Reader = {
  me: 'Ordo',
  sectorOf: (insee) => (insee === '19272' ? 'Tulle' : undefined),
  textOf: (row) => plain(`${row.incident.title} ${row.incident.place.label}`),
  waits: (row) => row.visit === undefined,
}
const row = (part: Partial<Row['incident']> = {}, more: Partial<Row> = {}): Row => ({ incident: anIncident(part), visit: undefined, timing: null, jeopardy: null, ...more })
const asks = (part: Partial<Wanted>): Wanted => ({ ...NOTHING_ASKED, ...part })
const passes = (one: Row, part: Partial<Wanted>): boolean => matches(one, asks(part), reader)

test('a filter that asks nothing lets everything through', () => {
  expect(passes(row(), {})).toBe(true)
  expect(isAsking(NOTHING_ASKED)).toBe(false)
})

test.each<[Partial<Wanted>, Partial<Row['incident']>, Partial<Row['incident']>]>([
  [{ priorities: ['P1', 'P2'] }, { priority: 'P2' }, { priority: 'P3' }],
  [{ categories: ['pothole'] }, { category: 'pothole' }, { category: 'lamp_out' }],
  [{ services: ['roads'] }, { service: 'roads' }, { service: 'drinking_water' }],
  [{ states: ['on_hold'] }, { state: 'on_hold' }, { state: 'received' }],
  [{ sectors: ['Tulle'] }, {}, { place: { label: null, commune: null, insee: '19031', lat: null, lon: null } }],
  [{ channels: ['web'] }, { channels: ['phone', 'web'] }, { channels: ['phone'] }],
  [{ mine: true }, { acknowledged_by: 'Ordo' }, { acknowledged_by: 'Autre' }],
])('%o lets through what it names and nothing else', (wanted, inside, outside) => {
  expect(passes(row(inside), wanted)).toBe(true)
  expect(passes(row(outside), wanted)).toBe(false)
})

test('late, at risk and unassigned are judged by the row', () => {
  expect(passes(row({}, { jeopardy: 'late' }), { late: true })).toBe(true)
  expect(passes(row({}, { jeopardy: 'risk' }), { late: true })).toBe(false)
  expect(passes(row({}, { jeopardy: 'risk' }), { at_risk: true })).toBe(true)
  expect(passes(row({}, { visit: aVisit() }), { unassigned: true })).toBe(false)
})

test('all words must be there, without accents, in any order', () => {
  const leak = row({ title: 'Fuite à l’école', place: { label: 'Égletons', commune: null, insee: null, lat: null, lon: null } })
  expect(passes(leak, { words: 'egletons ECOLE' })).toBe(true)
  expect(passes(leak, { words: 'ecole brive' })).toBe(false)
})

test('several demands hold together', () => {
  expect(passes(row({ priority: 'P1' }), { priorities: ['P1'], words: 'fuite', unassigned: true })).toBe(true)
  expect(passes(row({ priority: 'P1' }), { priorities: ['P1'], words: 'arbre', unassigned: true })).toBe(false)
})

test('an address keeps a filter whole, beside what else it says', () => {
  const wanted = asks({ words: 'rue Carnot & co', priorities: ['P1'], sectors: ['Égletons · Ussel'], states: ['on_hold'], channels: ['web'], services: ['a'], categories: ['b', 'c'], mine: true, late: true })
  const written = toAddress(wanted, new URLSearchParams('pane=queue&moi=1&libre=1'))
  expect(written.get('pane')).toBe('queue')
  expect(written.has('libre')).toBe(false)
  expect(fromAddress(new URLSearchParams(written.toString()))).toEqual(wanted)
  expect(toAddress(NOTHING_ASKED, written).toString()).toBe('pane=queue')
})

test('a class that does not exist asks nothing', () => {
  expect(fromAddress(new URLSearchParams('classe=P1,P9')).priorities).toEqual(['P1'])
})

test('filters are the same whatever the order of what they name', () => {
  expect(isSame(asks({ priorities: ['P1', 'P2'], words: 'Fuite ' }), asks({ priorities: ['P2', 'P1'], words: 'fuite' }))).toBe(true)
  expect(isSame(asks({ mine: true }), asks({ late: true }))).toBe(false)
})
