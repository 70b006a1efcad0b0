import { describe, expect, it } from 'vitest'
import type { RotaView } from '../lib/types'
import { account, changed, coverage, differences, earned, months, sections } from './table'

const week = (iso: string, start: string, end: string) => ({ iso, start, end, holidays: [] })
const duty = (person_id: string, week_iso: string, post = 'T') => ({ id: `${person_id}${week_iso}`, post, person_id, week_iso, start_at: '', end_at: '' })
const rota = (duties: RotaView['duties']): RotaView => ({
  id: 'r', name: 'Hiver', version: 1, edition: 1, state: 'draft', duties, counters: [], rules: [], gaps: [],
  weeks: [
    week('2026-W48', '2026-11-23T07:00:00Z', '2026-11-30T07:00:00Z'),
    week('2026-W49', '2026-11-30T07:00:00Z', '2026-12-07T07:00:00Z'),
    week('2026-W50', '2026-12-07T07:00:00Z', '2026-12-14T07:00:00Z'),
  ],
  posts: [{ code: 'T', label: 'Tulle', letter: 'T', need: 2 }, { code: 'D', label: 'Décision', letter: 'D', need: 1 }],
  people: [
    { id: 'a', name: 'A', post_codes: ['T'], absences: [{ start: '2026-11-30', end: '2026-12-01', kind: 'leave' }] },
    { id: 'b', name: 'B', post_codes: ['D', 'T'], absences: [] },
  ],
  solver: { status: 'proven', elapsed_ms: 1, bound: null, objective: null },
})

describe('the grid of a rota', () => {
  it('puts each person once, under the first post', () => {
    expect(sections(rota([])).map((one) => [one.post.code, one.rows.map((row) => row.person.id)])).toEqual([['T', ['a']], ['D', ['b']]])
  })

  it('shows an absence in the week it touches, not in the one before', () => {
    const [first] = sections(rota([]))
    expect(first?.rows[0]?.cells.map((cell) => cell.away)).toEqual([null, 'leave', null])
  })

  it('counts who is missing', () => {
    expect(coverage(rota([duty('a', '2026-W48'), duty('b', '2026-W48', 'D')]))[0]).toEqual({ held: 2, need: 3 })
  })

  it('marks the turns that the other version did not have', () => {
    const before = rota([duty('a', '2026-W48')])
    const after = rota([duty('a', '2026-W49')])
    expect(changed(after, before)).toBe(1)
    expect(sections(after, before)[0]?.rows[0]?.cells.map((cell) => cell.isNew)).toEqual([false, true, false])
  })

  it('tells which turns change hands between two versions, and nothing about weeks that one lacks', () => {
    const before = rota([duty('a', '2026-W48'), duty('b', '2026-W48'), duty('b', '2026-W49', 'D')])
    const after = rota([duty('b', '2026-W48'), duty('a', '2026-W49', 'D'), duty('a', '2026-W50')])
    expect(differences(after, { ...before, weeks: before.weeks.slice(0, 2) })).toEqual([
      { week: '2026-W48', post: 'T', before: ['a'], after: [] },
      { week: '2026-W49', post: 'D', before: ['b'], after: ['a'] },
    ])
    expect(differences(after, after)).toEqual([])
  })

  it('adds up what a version pays, by person and in all, and nothing where pay is not shown', () => {
    const paid = rota([{ ...duty('a', '2026-W48'), cents: 15920 }, { ...duty('a', '2026-W49'), cents: 20575 }, { ...duty('b', '2026-W48'), cents: 12100 }])
    expect([...earned(paid)]).toEqual([['a', 36495], ['b', 12100]])
    expect(account(paid).cents).toBe(48595)
    expect(account(rota([duty('a', '2026-W48')]))).toEqual({ cents: null, furthest: 0, broken: 0, gaps: 0 })
  })

  it('gathers weeks by month', () => {
    expect(months(rota([]).weeks).map((one) => one.span)).toEqual([2, 1])
  })
})
