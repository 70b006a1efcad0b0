// @vitest-environment node
import { expect, test } from 'vitest'
import { piecesOf } from './marks'

const spans = [
  { start: 0, end: 5, kind: 'category' as const },
  { start: 6, end: 24, kind: 'place' as const },
]
const text = 'fuite rue Carnot à Tulle, eau'

test('a sentence is cut into what was understood and the rest', () => {
  expect(piecesOf(text, spans, text).map((piece) => [piece.text, piece.kind])).toEqual([
    ['fuite', 'category'], [' ', null], ['rue Carnot à Tulle', 'place'], [', eau', null],
  ])
})

test('what was typed since the answer keeps the marks before it and loses those after it', () => {
  const changed = text.replace('Carnot', 'Camot')
  expect(piecesOf(changed, spans, text).filter((piece) => piece.kind).map((piece) => piece.text)).toEqual(['fuite'])
})

test('no word is lost or doubled, whatever the spans', () => {
  const odd = [{ start: 3, end: 2, kind: 'place' as const }, { start: 0, end: 5, kind: 'danger' as const }, { start: 2, end: 9, kind: 'place' as const }]
  expect(piecesOf(text, odd, text).map((piece) => piece.text).join('')).toBe(text)
})
