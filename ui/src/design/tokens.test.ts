// @vitest-environment node
import { expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { contrast, tokensOf } from './tokens'

const sheet = readFileSync('src/styles/tokens.css', 'utf-8')

test('both themes have the same colours, under the same headings', () => {
  const names = (theme: 'light' | 'dark') => tokensOf(sheet, theme).flatMap((group) => group.tokens.map((token) => token.name)).sort()
  expect(names('light').length).toBeGreaterThan(40)
  expect(names('dark').filter((name) => !names('light').includes(name))).toEqual([])
})

test('spaces and radii are found too', () => {
  expect(tokensOf(sheet, 'base').flatMap((group) => group.tokens)).toContainEqual({ name: 's4', value: '16px' })
})

test('contrast is that of WCAG', () => {
  expect(contrast('#FFFFFF', '#000000')).toBe(21)
  expect(contrast('#0B5563', '#FFFFFF')).toBeCloseTo(8.42, 2)
  expect(contrast('rgb(0 0 0 / 6%)', '#FFFFFF')).toBeNull()
})
