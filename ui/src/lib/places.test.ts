// @vitest-environment node
import { expect, test } from 'vitest'
import { placeWords, positionOf } from './places'

test('the commune leads and is said once', () => {
  expect(placeWords({ commune: 'Tulle', label: 'rue Jean-Jaurès' })).toBe('Tulle, rue Jean-Jaurès')
  expect(placeWords({ commune: 'Confolent-Port-Dieu', label: 'Le Mas, Confolent-Port-Dieu' })).toBe('Confolent-Port-Dieu, Le Mas')
  expect(placeWords({ commune: 'Ussac', label: 'Ussac' })).toBe('Ussac')
  expect(placeWords({ commune: 'Seilhac', label: 'Tulle – Seilhac' })).toBe('Seilhac, Tulle – Seilhac')
  expect(placeWords({ commune: null, label: null })).toBe('')
})

test('a place without coordinates is nowhere on the map', () => {
  expect(positionOf({ lat: 45.2, lon: 1.7 })).toEqual([1.7, 45.2])
  expect(positionOf({ lat: null, lon: 1.7 })).toBeNull()
  expect(positionOf(undefined)).toBeNull()
})
