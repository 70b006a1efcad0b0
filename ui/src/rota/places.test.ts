import { describe, expect, it } from 'vitest'
import type { TurnPrice } from '../lib/types'
import { placeKey, places, toward } from './places'
import type { Section } from './table'

const step = (duty_id: string, from_id: string, to_id: string) => ({ duty_id, from_id, to_id })
const price = (lawful: boolean, ...handovers: ReturnType<typeof step>[]): TurnPrice => ({ handovers, lawful, cents: 0, broken: [], fairness: [], wishes_broken: 0 })
const duty = { post: 'T', week_iso: '2026-W49', person_id: 'a' }

describe('where a turn may go', () => {
  it('is the taker’s cell of that week, or the cell of the turn given in return', () => {
    expect(placeKey(price(true, step('T:2026-W49', 'a', 'b')), duty)).toBe('b 2026-W49')
    expect(placeKey(price(true, step('T:2026-W49', 'a', 'b'), step('T:2026-W51', 'b', 'a')), duty)).toBe('b 2026-W51')
  })

  it('never is its holder, and arrows go straight on before aside', () => {
    const week = (iso: string) => ({ iso, start: '', end: '', holidays: [] })
    const row = (id: string) => ({ person: { id, name: id, post_codes: ['T'], absences: [] }, counter: null, cells: ['2026-W49', '2026-W51'].map((iso) => ({ week: week(iso), duties: [], away: null, wish: null, isNew: false })) })
    const sections: Section[] = [{ post: { code: 'T', label: 'T', letter: 'T', need: 1 }, rows: [row('a'), row('b'), row('c')] }]
    const prices = new Map([['a 2026-W49', price(true)], ['b 2026-W49', price(true)], ['c 2026-W49', price(false)], ['c 2026-W51', price(true)]])
    const all = places(sections, prices, duty)
    expect(all.map((one) => one.key)).toEqual(['b 2026-W49', 'c 2026-W49', 'c 2026-W51'])
    expect(toward(all, all[0]!, 0, 1)?.key).toBe('c 2026-W49')
    expect(toward(all, all[1]!, 1, 0)?.key).toBe('c 2026-W51')
    expect(toward(all, all[0]!, 0, -1)?.key).toBe('b 2026-W49')
  })
})
