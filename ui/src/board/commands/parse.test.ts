// @vitest-environment node
import { expect, test } from 'vitest'
import type { CrewState, SavedFilter } from '../../lib/types'
import { parse, suggest } from './parse'

const crew = (name: string): CrewState => ({
  kind: 'crew', id: name, ver: 1, name, sector: 'Tulle', depot: { name: '', lat: 45, lon: 1.7 }, skills: [], vehicle: null,
  members: 2, shift: null, state: 'available', position: null,
})
const filter = (name: string): SavedFilter => ({ id: name, name, shared: false, by: 'Ordo', updated_at: '2026-11-24T11:00:00Z', wanted: { words: '', mine: false, unassigned: false, late: false, at_risk: false } })
const named = { crews: [crew('Tulle 1'), crew('Tulle 2'), crew('Égletons 1')], filters: [filter('Eau'), filter('Eau, Tulle'), filter('Mes retards')] }

test('free words are a search', () => {
  expect(parse(' rue Carnot ', named)).toEqual({ kind: 'search', text: 'rue Carnot' })
})

test('the words after /new start a call', () => {
  expect(parse('/new fuite rue Carnot Tulle', named)).toEqual({ kind: 'new', text: 'fuite rue Carnot Tulle' })
})

test('a crew and a code set a state', () => {
  expect(parse('/s Tulle 2 sp', named)).toMatchObject({ kind: 'state', crew: { name: 'Tulle 2' }, to: 'on_site' })
})

test('accents and case do not matter, and the French word works by its beginning', () => {
  expect(parse('/s egletons 1 en r', named)).toMatchObject({ kind: 'state', to: 'en_route' })
})

test('an unfinished line does nothing but offers what it could become', () => {
  expect(parse('/s tulle', named)).toEqual({ kind: 'partial' })
  expect(suggest('/s tulle', named).map((one) => one.label)).toEqual(['/s Tulle 1', '/s Tulle 2'])
})

test('two crews are never confused when one name begins another', () => {
  const twins = [crew('Tulle 1'), crew('Tulle 12')]
  expect(parse('/s Tulle 12 sp', { crews: twins, filters: [] })).toMatchObject({ crew: { name: 'Tulle 12' } })
})

test('a filter is put on by part of its name, and all are offered', () => {
  expect(suggest('/f ', named).map((one) => one.label)).toEqual(['/f Eau', '/f Eau, Tulle', '/f Mes retards', '/f Tout montrer'])
  expect(parse('/f retard', named)).toMatchObject({ kind: 'filter', filter: { name: 'Mes retards' } })
  expect(parse('/f tout', named)).toEqual({ kind: 'filter', filter: null })
})

test('a filter whose name begins another is never confused with it', () => {
  expect(parse('/f eau', named)).toMatchObject({ filter: { name: 'Eau' } })
  expect(parse('/f ea', named)).toEqual({ kind: 'partial' })
})
