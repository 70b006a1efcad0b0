import { describe, expect, it } from 'vitest'
import { ApiError } from '../lib/api'
import type { VisitState } from '../lib/types'
import { replay, trim, waiting, withEntries, type Entry } from './outbox'

const entry = (n: number, more: Partial<Entry> = {}): Entry => ({
  key: `key-${n}`, visitId: 'v1', title: 'Fuite', path: '/visits/v1/transitions', body: {}, word: 'visit.en_route', to: 'en_route', at: '2026-11-23T13:0' + n + ':00Z', state: 'kept', ...more,
})
const refuse = (status: number, code = 'x') => new ApiError({ status, code })

async function run(entries: Entry[], answers: (Error | null)[], wall = 0) {
  const sent: string[] = []
  const settled: Entry[] = []
  const outcome = await replay(
    entries,
    async (one) => {
      const answer = answers[sent.length]
      sent.push(one.key)
      if (answer) throw answer
    },
    (one) => settled.push(one),
    () => wall,
  )
  return { outcome, sent, settled }
}

describe('the outbox', () => {
  it('sends in the order things were said', async () => {
    const { outcome, sent } = await run([entry(1), entry(2), entry(3)], [])
    expect(sent).toEqual(['key-1', 'key-2', 'key-3'])
    expect(outcome).toBe('empty')
  })

  it('stops at a lost network and loses nothing', async () => {
    const { outcome, sent, settled } = await run([entry(1), entry(2)], [refuse(0, 'offline')])
    expect(outcome).toBe('offline')
    expect(sent).toEqual(['key-1'])
    expect(settled).toEqual([])
  })

  it('keeps a refusal in sight and goes on', async () => {
    const { settled } = await run([entry(1), entry(2)], [refuse(409, 'illegal_move'), null])
    expect(settled.map((one) => [one.state, one.problem])).toEqual([['refused', 'illegal_move'], ['sent', undefined]])
  })

  it('waits for a new sign-in instead of refusing', async () => {
    expect((await run([entry(1)], [refuse(401)])).outcome).toBe('signed_out')
  })

  it('holds what may still be taken back, and what follows it', async () => {
    const { outcome, sent } = await run([entry(1, { holdUntil: 10 }), entry(2)], [], 5)
    expect(outcome).toBe('held')
    expect(sent).toEqual([])
  })

  it('does not send again what was settled', async () => {
    const { sent } = await run([entry(1, { state: 'sent' }), entry(2, { state: 'refused' }), entry(3)], [])
    expect(sent).toEqual(['key-3'])
  })

  it('shows visits as they will be', () => {
    const visit = { id: 'v1', state: 'acknowledged', stamps: {} } as unknown as VisitState
    const [seen] = withEntries([visit], [entry(1), entry(2, { to: 'on_site' }), entry(3, { to: 'completed', state: 'refused' })])
    expect(seen?.state).toBe('on_site')
    expect(seen?.stamps.en_route).toBe('2026-11-23T13:01:00Z')
  })

  it('forgets old settled entries, never one that waits', () => {
    const many = Array.from({ length: 9 }, (_, n) => entry(n, { state: n === 0 ? 'kept' : 'sent' }))
    const left = trim(many)
    expect(waiting(left)).toHaveLength(1)
    expect(left).toHaveLength(7)
  })
})
