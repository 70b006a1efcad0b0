// @vitest-environment node
import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../lib/format'
import { jeopardy, leadingVisit, loadOf, timing } from './model'
import { nextPromise } from './promises'
import { NOON, aCrew, aVisit, anIncident, at } from './sample'

test('without a crew the promise is measured against the clock', () => {
  const found = timing(anIncident({ respond_by: at(30) }), undefined, NOON)
  expect(found).toMatchObject({ lateMs: -30 * MINUTE, isAttended: false })
  expect(jeopardy(found, NOON)).toBe('risk')
  expect(jeopardy(timing(anIncident({ respond_by: at(90) }), undefined, NOON), NOON)).toBeNull()
})

test('a crew that will come after the promised hour is late before it happens', () => {
  const found = timing(anIncident({ respond_by: at(60) }), aVisit({ start_at: at(62) }), NOON)
  expect(found?.lateMs).toBe(2 * MINUTE)
  expect(jeopardy(found, NOON)).toBe('late')
})

test('a visit that should have begun is expected now, not in the past', () => {
  expect(timing(anIncident({ respond_by: at(-10) }), aVisit({ start_at: at(-40) }), NOON)?.lateMs).toBe(10 * MINUTE)
})

test('once somebody is there nothing is in jeopardy any more', () => {
  const found = timing(anIncident({ respond_by: at(-5) }), aVisit({ state: 'on_site', stamps: { on_site: at(-2) } }), NOON)
  expect(found).toMatchObject({ isAttended: true, lateMs: 3 * MINUTE })
  expect(jeopardy(found, NOON)).toBeNull()
})

test('any promise that is broken makes an incident late, also once somebody is there', () => {
  const late = (part: object, visit = false): boolean => {
    const incident = anIncident({ respond_by: at(90), ...part })
    const there = visit ? aVisit({ state: 'on_site', stamps: { on_site: at(-20) } }) : undefined
    return jeopardy(timing(incident, there, NOON), NOON, nextPromise(incident, there, NOON)) === 'late'
  }
  const taken = { acknowledged_by: 'JB' }
  expect([late({ acknowledge_by: at(-1) }), late({ acknowledge_by: at(5) }), late({ acknowledge_by: at(-1), ...taken })]).toEqual([true, false, false])
  expect([late({ ...taken, make_safe_by: at(-1) }, true), late({ ...taken, restore_by: at(-1) }, true), late({ ...taken, restore_by: at(9) }, true)]).toEqual([true, true, false])
})

test('the visit furthest in its life speaks for the incident', () => {
  const visits = [aVisit({ id: 'a' }), aVisit({ id: 'b', state: 'on_site' }), aVisit({ id: 'c', state: 'completed' })]
  expect(leadingVisit(visits)?.id).toBe('b')
  expect(leadingVisit([aVisit({ state: 'cancelled' })])).toBeUndefined()
})

test('a crew’s load counts travel and stops at the end of the shift', () => {
  const crew = aCrew({ shift: { start_at: at(0), end_at: at(120), breaks: [] } })
  expect(loadOf(crew, [aVisit({ depart_at: at(0), start_at: at(10), end_at: at(60) })])).toBeCloseTo(0.5)
  expect(loadOf(crew, [aVisit({ depart_at: at(60), end_at: at(600) })])).toBeCloseTo(0.5)
  expect(loadOf(aCrew({ shift: null }), [aVisit()])).toBe(0)
  expect(HOUR).toBe(60 * MINUTE)
})
