import { expect, test } from 'vitest'
import { ANSWERS, faults, FIELD, KEPT } from './rules'

test('limits are included, and what lies outside is named', () => {
  expect(faults({ positions_days: 1, contacts_days: 1830, words_days: 3660 }, KEPT)).toEqual([])
  expect(faults({ positions_days: 0, contacts_days: 1831, words_days: 30 }, KEPT)).toEqual(['positions_days', 'contacts_days'])
})

test('an empty field and a half minute are no number of minutes', () => {
  expect(faults({ answer_takes_min: null, lone_interval_min: 2.5, lone_grace_min: 5 }, FIELD)).toEqual(['answer_takes_min', 'lone_interval_min'])
  expect(faults({ P1: 5, P2: 15, P3: 60 }, ANSWERS)).toEqual(['P4'])
})
