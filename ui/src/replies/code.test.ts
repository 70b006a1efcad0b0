// @vitest-environment node
import { expect, test } from 'vitest'
import { codeFor } from './code'

test('a title becomes a name that the service takes', () => {
  expect(codeFor('Panneau : commandé', [])).toBe('panneau_commande')
  expect(codeFor('L’œuvre d’été', [])).toBe('l_oeuvre_d_ete')
  expect(codeFor('???', [])).toBe('reponse')
  for (const title of ['É', '«»', 'x'.repeat(90)]) expect(codeFor(title, [])).toMatch(/^[a-z0-9_]{2,60}$/)
})

test('no template is written over by another of the same title', () => {
  expect(codeFor('Trottoir', ['trottoir', 'trottoir_2'])).toBe('trottoir_3')
})
