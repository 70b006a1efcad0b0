// @vitest-environment node
import { expect, test } from 'vitest'
import type { CrewState } from '../../lib/types'
import { parse, suggest } from './parse'

const crew = (name: string): CrewState => ({
  kind: 'crew', id: name, ver: 1, name, sector: 'Tulle', depot: { name: '', lat: 45, lon: 1.7 }, skills: [], vehicle: null,
  members: 2, shift: null, state: 'available', position: null,
})
const crews = [crew('Tulle 1'), crew('Tulle 2'), crew('Égletons 1')]

test('free words are a search', () => {
  expect(parse(' rue Carnot ', crews)).toEqual({ kind: 'search', text: 'rue Carnot' })
})

test('the words after /new start a call', () => {
  expect(parse('/new fuite rue Carnot Tulle', crews)).toEqual({ kind: 'new', text: 'fuite rue Carnot Tulle' })
})

test('a crew and a code set a state', () => {
  expect(parse('/s Tulle 2 sp', crews)).toMatchObject({ kind: 'state', crew: { name: 'Tulle 2' }, to: 'on_site' })
})

test('accents and case do not matter, and the French word works by its beginning', () => {
  expect(parse('/s egletons 1 en r', crews)).toMatchObject({ kind: 'state', to: 'en_route' })
})

test('an unfinished line does nothing but offers what it could become', () => {
  expect(parse('/s tulle', crews)).toEqual({ kind: 'partial' })
  expect(suggest('/s tulle', crews).map((one) => one.label)).toEqual(['/s Tulle 1', '/s Tulle 2'])
})

test('two crews are never confused when one name begins another', () => {
  const twins = [crew('Tulle 1'), crew('Tulle 12')]
  expect(parse('/s Tulle 12 sp', twins)).toMatchObject({ crew: { name: 'Tulle 12' } })
})
