import { beforeAll, expect, test } from 'vitest'
import type { WarningState, WeatherState } from '../../lib/types'
import { draftOf, levelNow, sentence, told, warningOf } from './sky'

const NOON = Date.parse('2026-11-24T11:00:00Z')
const at = (hours: number): string => new Date(NOON + hours * 3_600_000).toISOString()
const warning = (phenomenon: WarningState['phenomenon'], colour: WarningState['colour'], from: number, until: number | null): WarningState =>
  ({ phenomenon, colour, starts_at: at(from), ends_at: until === null ? null : at(until), source: 'hand' })
const sky = (...warnings: WarningState[]): WeatherState => ({ kind: 'weather', id: '0', ver: 1, warnings, feed: 'none', bulletin_at: null })

beforeAll(() => void (HTMLDialogElement.prototype.showModal ??= () => undefined))

test('what is in force is told first, then the worst of what comes within a day', () => {
  const weather = sky(warning('heat', 'red', 30, 40), warning('wind', 'red', 3, 9), warning('snow_ice', 'yellow', -2, 4), warning('flood', 'orange', -8, -1))
  expect(told(weather, NOON).map((one) => one.phenomenon)).toEqual(['snow_ice', 'wind'])
  expect([levelNow(weather, NOON), levelNow(weather, NOON + 4 * 3_600_000), levelNow(null, NOON)]).toEqual([1, 3, 0])
})

test('a sentence says until when, from when, or that nobody knows', () => {
  expect(sentence(warning('snow_ice', 'orange', -1, 6), NOON)).toMatch(/^Vigilance orange neige ou verglas jusqu’à 18:00\.$/)
  expect(sentence(warning('wind', 'yellow', 2, 6), NOON)).toMatch(/^Vigilance jaune vent dès 14:00\.$/)
  expect(sentence(warning('flood', 'red', -1, null), NOON)).toContain('fin inconnue')
})

test('a line goes to the form and back, and one that ends before it starts is not sent', () => {
  const one = warning('wind', 'orange', 1, 5)
  const { source: _source, ...wanted } = one
  expect(warningOf(draftOf(one))).toEqual(wanted)
  expect(warningOf({ ...draftOf(one), until: '' })?.ends_at).toBeNull()
  for (const bad of [{ until: draftOf(one).from }, { from: '' }, { from: 'soon' }]) expect(warningOf({ ...draftOf(one), ...bad })).toBeNull()
})
