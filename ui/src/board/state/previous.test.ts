// @vitest-environment node
import { beforeEach, expect, test, vi } from 'vitest'
import type { PlanState, VisitState } from '../../lib/types'
import { previous } from './previous.svelte'
import { aVisit } from './sample'

const plan = (version: number) => ({ version }) as PlanState
const planned = (ver: number, crew: string, start: string): VisitState => aVisit({ id: 'v1', ver, crew_id: crew, start_at: start, state: 'assigned' })
const before = planned(1, 'c1', '2026-11-24T13:00:00Z')
const after = planned(2, 'c2', '2026-11-24T14:00:00Z')
const held = new Map([['v1', before]])
const visitChange = { key: 'visit:v1', ver: 2, data: after }
const planChange = { key: 'plan', ver: 2, data: plan(2) }

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  vi.advanceTimersByTime(60_000)
  previous.clear()
})

test.each([[[visitChange, planChange]], [[planChange, visitChange]]])('a turn of the plan shows where a visit stood', (batch) => {
  previous.hear(batch, held, plan(1))
  expect(previous.places.get('v1')).toMatchObject({ crewId: 'c1', startAt: Date.parse('2026-11-24T13:00:00Z') })
  expect(previous.isShown).toBe(true)
  vi.advanceTimersByTime(30_000)
  expect(previous.isShown).toBe(false)
  previous.toggle()
  expect(previous.isShown).toBe(true)
})

test('a route that rolls forward without a turn leaves no trace', () => {
  previous.hear([visitChange], held, plan(1))
  vi.advanceTimersByTime(5_000)
  previous.hear([planChange], new Map(), plan(1))
  expect(previous.places.size).toBe(0)
})

test('what comes a moment after the turn belongs to it; the next turn begins anew', () => {
  previous.hear([planChange], held, plan(1))
  vi.advanceTimersByTime(900)
  previous.hear([visitChange], held, plan(2))
  expect(previous.places.size).toBe(1)
  vi.advanceTimersByTime(10_000)
  previous.hear([{ key: 'plan', ver: 3, data: plan(3) }], held, plan(2))
  expect(previous.places.size).toBe(0)
})
