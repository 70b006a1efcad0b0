import { expect, test, vi } from 'vitest'
import { creditOf } from './roads.svelte'

const asked = vi.hoisted(() => vi.fn(async () => ({ data_at: '2013-05-28T18:59:04Z', credit: '© OpenStreetMap contributors', licence: 'ODbL 1.0' })))
vi.mock('./api', () => ({ get: asked }))

test('a drive by road names its map, asked for once; a great circle asks for nothing', async () => {
  expect(creditOf('great_circle+learned')).toBe('')
  expect(asked).not.toHaveBeenCalled()
  expect(creditOf('graph')).toBe('')
  await vi.waitFor(() => expect(creditOf('graph+learned')).toBe('carte du 28 mai 2013, © OpenStreetMap contributors, ODbL 1.0'))
  expect(asked).toHaveBeenCalledTimes(1)
})
