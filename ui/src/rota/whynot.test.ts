import { describe, expect, it } from 'vitest'
import type { TurnPrice } from '../lib/types'
import type { Duty } from './table'
import { answerOf } from './whynot'

const turn = { id: 't', post: 'a', person_id: 'holder', week_iso: '2026-W50' } as unknown as Duty
const price = (to_id: string, lawful: boolean, cents: number, back = false): TurnPrice => ({
  handovers: [{ duty_id: 'a:2026-W50', from_id: 'holder', to_id }, ...(back ? [{ duty_id: `a:2026-W5${cents}`, from_id: to_id, to_id: 'holder' }] : [])],
  lawful, cents, broken: lawful ? [] : [{ rule: 'spacing', hard: true }], fairness: [], wishes_broken: 0,
}) as unknown as TurnPrice

describe('why not', () => {
  it('names what the plain gift breaks and offers the cheapest lawful exchanges of that person alone', () => {
    const found = answerOf([price('me', false, 0), price('me', true, 3, true), price('me', true, 1, true), price('me', false, 0, true), price('other', true, 0)], turn, 'me')
    expect(found.give?.broken.map((one) => one.rule)).toEqual(['spacing'])
    expect(found.ways.map((one) => one.cents)).toEqual([1, 3])
  })

  it('offers the gift first when it is lawful, and three ways at most', () => {
    const found = answerOf([price('me', true, 1, true), price('me', true, 2, true), price('me', true, 3, true), price('me', true, 9)], turn, 'me')
    expect(found.ways.map((one) => one.cents)).toEqual([9, 1, 2])
  })

  it('has no answer about somebody nobody priced', () => {
    expect(answerOf([price('other', true, 0)], turn, 'me')).toEqual({ turn, give: null, ways: [] })
  })
})
