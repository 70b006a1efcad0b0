// @vitest-environment node
import { expect, test } from 'vitest'
import { whereNext } from './next'

test('a page of ours is opened after login', () => {
  expect(whereNext('?next=%2Ftableau%3Fi%3D1', '/equipe')).toBe('/tableau?i=1')
})

test('another site is never opened after login', () => {
  for (const evil of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']) {
    expect(whereNext(`?next=${encodeURIComponent(evil)}`, '/tableau')).toBe('/tableau')
  }
})
