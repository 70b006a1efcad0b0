// @vitest-environment node
import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pickForm } from '../lib/i18n.svelte'

const table = (name: string) => JSON.parse(readFileSync(`src/locales/${name}`, 'utf-8')) as Record<string, string | { one: string; other: string }>
const french = table('fr.json')
const sources = (readdirSync('src', { recursive: true }) as string[])
  .filter((path) => /^(board|login|lib)\/.*\.(svelte|ts)$/.test(path) && !path.endsWith('.test.ts') && !path.endsWith('.gen.ts'))
  .map((path) => ({ path, text: readFileSync(`src/${path}`, 'utf-8') }))

/** Words of parts that are fetched late come with whoever brings them in. */
const late = [
  { words: table('panes.fr.json'), brought: /import ([^']* from )?'[./]*(panes\/words|\.\/words)'/ },
  { words: table('wall.fr.json'), brought: /from '[./]*wall\/Wall\.svelte'/ },
]

test('every sentence that the board asks for by name is written', () => {
  const missing = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/\bt\('([\w.]+)'/g)]
      .map(([, key = '']) => key)
      .filter((key) => !(key in french) && !late.some(({ words, brought }) => key in words && brought.test(text)))
      .map((key) => `${path}: ${key}`),
  )
  expect(missing).toEqual([])
})

test('a singular is chosen as each language counts', () => {
  const forms = { one: 'x', other: 'xs' }
  expect([pickForm(forms, 'fr', { n: 0 }), pickForm(forms, 'fr', { n: 1.5 }), pickForm(forms, 'fr', { n: 2 })]).toEqual(['x', 'x', 'xs'])
  expect([pickForm(forms, 'en', { n: 0 }), pickForm(forms, 'en', { n: 1 })]).toEqual(['xs', 'x'])
})

test('French sentences use the French apostrophe and no exclamation mark', () => {
  const sentences = Object.entries(french).flatMap(([key, value]) => (typeof value === 'string' ? [value] : Object.values(value)).map((text) => ({ key, text })))
  expect(sentences.filter(({ text }) => /\w'\w|!/.test(text)).map(({ key }) => key)).toEqual([])
})
