// @vitest-environment node
import { expect, test } from 'vitest'
import { lookOf } from './look'

test('a wall is dark unless its address or its browser says otherwise', () => {
  expect(lookOf('', 'system')).toBe('dark')
  expect(lookOf('#cle=secret', 'light')).toBe('light')
  expect(lookOf('#cle=secret&theme=clair', 'dark')).toBe('light')
  expect(lookOf('#theme=sombre', 'light')).toBe('dark')
  expect(lookOf('#theme=auto', 'dark')).toBeNull()
  expect(lookOf('#theme=rose', 'system')).toBe('dark')
})
