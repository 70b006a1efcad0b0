// @vitest-environment node
import { expect, test } from 'vitest'
import { setNumber } from './toml'

const TEXT = '# entête\naxis_cap = 50\n\n[thresholds]\n# dès\np1 = 70 # immédiat\np2 = 50\n\n[waiting]\ncap = 8\n'

test('one number changes and every word around it stays', () => {
  expect(setNumber(TEXT, 'thresholds', 'p1', 65)).toBe(TEXT.replace('p1 = 70', 'p1 = 65'))
  expect(setNumber(TEXT, '', 'axis_cap', 40)).toBe(TEXT.replace('axis_cap = 50', 'axis_cap = 40'))
})

test('a key of the same name in another table is left alone', () => {
  const both = `${TEXT}\n[other]\ncap = 3\n`
  expect(setNumber(both, 'other', 'cap', 9)).toBe(`${TEXT}\n[other]\ncap = 9\n`)
})

test('what is missing is added where it belongs', () => {
  expect(setNumber(TEXT, 'waiting', 'every_min', 20)).toContain('[waiting]\nevery_min = 20\ncap = 8')
  expect(setNumber(TEXT, 'dangers.ice', 'urgency', 12)).toContain('\n[dangers.ice]\nurgency = 12\n')
  expect(setNumber('', 'waiting', 'cap', 2)).toBe('[waiting]\ncap = 2\n')
})
