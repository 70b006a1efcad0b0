// @vitest-environment node
import { expect, test } from 'vitest'
import { MINUTE } from '../../lib/format'
import { nextPromise } from './promises'
import { NOON, aVisit, anIncident, at } from './sample'

const due = { acknowledge_by: at(5), respond_by: at(60), make_safe_by: at(120), restore_by: at(480) }
const reached = (...steps: string[]) => ({ progress: { ...anIncident({}).progress, stamps: Object.fromEntries(steps.map((step) => [step, at(-1)])) } })

test('the first promise that is not kept is next', () => {
  const next = (...steps: string[]) => nextPromise(anIncident({ ...due, ...reached('received', ...steps) }), undefined, NOON)?.kind
  expect(next()).toBe('acknowledge')
  expect(next('examined')).toBe('respond')
  expect(next('planned')).toBe('respond')
  expect(next('examined', 'on_site')).toBe('make_safe')
  expect(next('examined', 'on_site', 'made_safe')).toBe('restore')
  expect(next('examined', 'on_site', 'done')).toBeUndefined()
})

test('a person who took it has kept the first promise', () => {
  expect(nextPromise(anIncident({ ...due, acknowledged_by: 'Ada' }), undefined, NOON)?.kind).toBe('respond')
})

test('a promise of arrival is late as soon as the crew is expected late', () => {
  const found = nextPromise(anIncident({ ...due, ...reached('planned') }), aVisit({ start_at: at(62) }), NOON)
  expect(found).toMatchObject({ kind: 'respond', lateMs: 2 * MINUTE })
})

test('a promise past its time is late', () => {
  expect(nextPromise(anIncident({ ...due, acknowledge_by: at(-3) }), undefined, NOON)).toMatchObject({ kind: 'acknowledge', lateMs: 3 * MINUTE })
})

test('time on hold does not count, and nothing promised is nothing due', () => {
  expect(nextPromise(anIncident({ ...due, state: 'on_hold' }), undefined, NOON)).toBeNull()
  expect(nextPromise(anIncident({ respond_by: null, restore_by: null }), undefined, NOON)).toBeNull()
})
