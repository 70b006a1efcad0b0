// @vitest-environment node
import { expect, test } from 'vitest'
import { likenessWords } from './likeness'
import type { PreviewDuplicate } from './types'

const alike = (reasons: PreviewDuplicate['reasons']): PreviewDuplicate =>
  ({ incident_id: 'a', ref: '2026-00001', title: 'Fuite', distance_m: null, age_s: 60, likeness: 0.72, reasons })

test('what speaks for it is told, what does not is left out', () => {
  const said = likenessWords(alike([
    { trait: 'place', value: 0.8, same_commune: true, same_street: true },
    { trait: 'category', value: 1, same: 'category' },
    { trait: 'words', value: 0.5, shared: 'carnot fuite rue trottoir' },
    { trait: 'time', value: 0.9, apart_s: 60 },
  ]))
  expect(said).toContain('même rue')
  expect(said).toContain('même nature')
  expect(said).toContain('mêmes mots')
  // The service compares stems: they are no words to show.
  expect(said).not.toContain('carnot')
  expect(said).toMatch(/72\s?%/)
})

test('a weak trait is no reason', () => {
  expect(likenessWords(alike([{ trait: 'words', value: 0.1, shared: 'eau' }]))).not.toContain('mots')
})
