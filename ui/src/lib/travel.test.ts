import { afterEach, expect, test, vi } from 'vitest'
import { setLocale } from './i18n.svelte'
import { driveWords, legWords, sharedSource, sourceWords } from './travel'

afterEach(() => setLocale('fr'))

test('a leg says what it comes from', async () => {
  expect(legWords({ travel_s: 1080, travel_base_s: 1080, travel_source: 'great_circle' })).toBe('trajet 18 min, à vol d’oiseau × 1,35')
  expect(sourceWords({ travel_s: 1080, travel_base_s: 900, travel_source: 'graph+learned' })).toBe('réseau routier, corrigé × 1,2 par les trajets finis')
  setLocale('en')
  const leg = { travel_s: 990, travel_base_s: 900, travel_source: 'great_circle+learned' }
  await vi.waitFor(() => expect(sourceWords(leg)).toBe('as the crow flies × 1.35, corrected × 1.1 by finished drives'))
})

test('a source of tomorrow is named as it names itself', () => {
  expect(sourceWords({ travel_s: 60, travel_source: 'teleport' })).toBe('teleport')
  expect(sourceWords({ travel_s: 60 })).toBe('à vol d’oiseau × 1,35')
})

test('one source of many legs is told once; two are told with each leg', () => {
  const leg = (travel_source: string) => ({ travel_s: 60, travel_base_s: 50, travel_source })
  expect(sharedSource([leg('graph'), leg('graph')])).toBe('réseau routier')
  expect(sharedSource([leg('graph+learned'), leg('graph+learned')])).toBe('réseau routier, corrigé par les trajets finis')
  expect(sharedSource([leg('graph'), leg('great_circle')])).toBeNull()
  expect(sharedSource([])).toBeNull()
  expect(driveWords({ travel_s: 1080 })).toBe('trajet 18 min')
})
