// @vitest-environment node
import { expect, test } from 'vitest'
import { counterfactualWords, readable, reasonWords, topReason } from './reasons'
import type { Reason } from './types'

const reasons: Reason[] = [
  { rule: 'category', axis: 'severity', points: 25, params: { category: 'water_leak_road' } },
  { rule: 'category', axis: 'urgency', points: 10, params: { category: 'water_leak_road' } },
  { rule: 'vulnerable_site', axis: 'severity', points: 18, params: { kind: 'hospital', name: 'Hôpital de Tulle', distance_m: 184 } },
  { rule: 'repeats', axis: 'urgency', points: 8, params: { reports: 4, within_min: 22 } },
]

test('the two axes of one rule are one reason, and the heaviest comes first', () => {
  expect(reasonWords(reasons).map((one) => [one.points, one.title])).toEqual([
    [35, 'Water leak road'],
    [18, 'Hôpital de Tulle à 180 m'],
    [8, '4 signalements en 22 min'],
  ])
})

test('in the queue the reason is what the title does not say', () => {
  expect(topReason(reasons)?.title).toBe('Hôpital de Tulle à 180 m')
})

test('a rule nobody has written a sentence for shows its name', () => {
  expect(reasonWords([{ rule: 'full_moon', axis: 'urgency', points: 1, params: {} }])[0]?.title).toBe('full moon')
})

test('evidence is made ready for a sentence', () => {
  expect(readable({ distance_m: 1240, starts_at: '2026-11-24T17:00:00Z', kind: 'school', odd: null })).toEqual({
    distance_m: '1,2 km', starts_at: '18:00', kind: 'école', n: 1240,
  })
})

test('a counterfactual names the class and the change', () => {
  expect(counterfactualWords({ change: 'no_site_near', priority: 'P2', score: 69, params: { kind: 'hospital' } })).toEqual({
    outcome: 'P2 (69)', condition: 'sans hôpital si proche',
  })
})

test('nothing is quoted where no word was found, and no span is shorter than a minute', () => {
  const [danger, repeats] = reasonWords([
    { rule: 'danger', axis: 'severity', points: 36, params: { kind: 'people', word: '' } },
    { rule: 'repeats', axis: 'urgency', points: 3, params: { reports: 2, within_min: 0 } },
  ])
  expect(danger?.evidence).toBe('')
  expect(repeats?.title).toBe('2 signalements en 1 min')
})
