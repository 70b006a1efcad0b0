import { describe, expect, it } from 'vitest'
import type { OnCallAlert, OnCallState, PagingPolicy, PostRule } from '../lib/types'
import { instantOf, localField } from '../lib/civil'
import { faultsOf, isJeopardy, postsNow, rungsOf, viewOf } from './words'

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

  it('refuses half a rule of a post or class', () => {
    const half = { ...policy, class_rules: [{ name: 'P2', quiet_from: '22:00', quiet_until: null }] } as unknown as PagingPolicy
    const often = { ...policy, class_rules: [{ name: 'P2', tries: 9 }] } as unknown as PagingPolicy
    expect(faultsOf(half, [])).toEqual(['own'])
    expect(faultsOf(often, [])).toEqual(['own'])
    expect(faultsOf(policy, [{ ...step('a', 1), quiet_from: null, quiet_until: '06:00' }])).toEqual(['own'])
    expect(faultsOf(policy, [{ ...step('a', 1), tries: 3, quiet_from: '20:00', quiet_until: '06:00' }])).toEqual([])
  })

  it('keeps a post that nobody holds in sight, in the order of the service', () => {
    const state = { now: [{ post: 'b', label: 'B', person: 'Anne', until: '' }], next: [{ post: 'c', label: 'C', person: 'Luc', starts_at: '' }] } as unknown as OnCallState
    expect(postsNow(state, ['a', 'b']).map((one) => [one.post, one.place, one.now.length, one.next.length])).toEqual([['a', 0, 0, 0], ['b', 1, 1, 0], ['c', 2, 0, 1]])
  })

  it('is red for what is in jeopardy now, and yellow for what will be', () => {
    const alert = (code: string, start_at: string | null = null) => ({ code, start_at, count: 1 }) as unknown as OnCallAlert
    expect([alert('gap'), alert('gap', '2026-12-01T07:00:00Z'), alert('page_unanswered'), alert('on_leave')].map(isJeopardy)).toEqual([true, false, true, false])
  })

  it('reads civil time of Paris on both sides of a change of hour', () => {
    for (const at of ['2026-07-01T12:30:00.000Z', '2026-12-01T12:30:00.000Z', '2026-10-25T03:30:00.000Z']) expect(instantOf(localField(at))).toBe(at)
    expect(instantOf('')).toBe('')
  })
})
