import { describe, expect, it } from 'vitest'
import type { PagingPolicy, PostRule } from '../lib/types'
import { faultsOf, instantOf, localField, rungsOf, viewOf } from './words'

const step = (code: string, rung: number, wait_min: number | null = null): PostRule => ({ code, rung, sectors: [], services: [], wait_min })
const policy = { channels: ['sms'], wait_min: [6, 10], again_min: 15, tries: 2, rest_h: 11, quiet_from: '22:00', quiet_until: '06:00', classes: ['P1'], always: [] } as unknown as PagingPolicy

describe('the paging page', () => {
  it('opens where the address says', () => {
    expect([viewOf('#rules'), viewOf('#nothing'), viewOf('')]).toEqual(['rules', 'calls', 'calls'])
  })

  it('climbs rungs in order, whatever their numbers, with the time each has', () => {
    const rungs = rungsOf([step('decision', 3), step('tulle', 1), step('brive', 1, 4)], policy)
    expect(rungs.map((one) => [one.rung, one.posts.map((post) => post.code), one.waits])).toEqual([
      [1, ['tulle', 'brive'], 4],
      [3, ['decision'], 10],
    ])
  })

  it('names what the service would refuse, and a policy that calls nobody', () => {
    expect(faultsOf(policy, [step('a', 1)])).toEqual([])
    const bad = { ...policy, channels: [], wait_min: [0], again_min: NaN, classes: [] } as unknown as PagingPolicy
    expect(faultsOf(bad, [step('a', 12)])).toEqual(['channels', 'wait', 'again', 'rung', 'never'])
  })

  it('reads civil time of Paris on both sides of a change of hour', () => {
    for (const at of ['2026-07-01T12:30:00.000Z', '2026-12-01T12:30:00.000Z', '2026-10-25T03:30:00.000Z']) expect(instantOf(localField(at))).toBe(at)
    expect(instantOf('')).toBe('')
  })
})
