// @vitest-environment node
import { expect, test } from 'vitest'
import { NOON, aCrew, aVisit, at } from '../state/sample'
import { stepFrom } from './keyboard'
import { ROW, SECTOR, capacityOf, entriesOf, placeBreaks, placeVisits } from './rows'

test('crews stand under their sector, and heights add up', () => {
  const { entries, height } = entriesOf([aCrew(), aCrew({ id: 'c2', name: 'Brive 1', sector: 'Brive' }), aCrew({ id: 'c3', name: 'Tulle 2' })])
  expect(entries.map((entry) => entry.key)).toEqual(['sector Tulle', 'c1', 'c3', 'sector Brive', 'c2'])
  expect(height).toBe(2 * SECTOR + 3 * ROW)
})

test('visits that follow each other have the whole row, visits that overlap share it', () => {
  const visits = [
    aVisit({ id: 'a', start_at: at(0), end_at: at(60) }),
    aVisit({ id: 'b', start_at: at(30), end_at: at(90) }),
    aVisit({ id: 'c', start_at: at(120), end_at: at(150) }),
  ]
  expect(placeVisits(visits, NOON).map(({ visit, lane, lanes }) => [visit.id, lane, lanes])).toEqual([['a', 0, 2], ['b', 1, 2], ['c', 0, 1]])
})

test('a crew that is still on site stretches its bar to now', () => {
  const [placed] = placeVisits([aVisit({ state: 'on_site', stamps: { on_site: at(-90) }, end_at: at(-30) })], NOON)
  expect(placed).toMatchObject({ startAt: NOON - 90 * 60_000, endAt: NOON })
})

test('arrows walk along a row and across rows to the visit nearest in time', () => {
  const { entries } = entriesOf([aCrew(), aCrew({ id: 'c2', name: 'Tulle 2' })])
  const visits = new Map([
    ['c1', [aVisit({ id: 'a', start_at: at(60), end_at: at(90) })]],
    ['c2', [aVisit({ id: 'b', start_at: at(0), end_at: at(30) }), aVisit({ id: 'c', start_at: at(70), end_at: at(90) })]],
  ])
  const scale = { from: NOON - 3_600_000, to: NOON + 6 * 3_600_000 }
  expect(stepFrom('c1', 'ArrowRight', entries, visits, scale)?.id).toBe('a')
  expect(stepFrom('a', 'ArrowDown', entries, visits, scale)?.id).toBe('c')
  expect(stepFrom('c', 'Home', entries, visits, scale)?.id).toBe('c2')
  expect(stepFrom('c2', 'ArrowDown', entries, visits, scale)).toBeNull()
})

test('a folded sector keeps its heading and hides its crews', () => {
  const { entries, height } = entriesOf([aCrew(), aCrew({ id: 'c2', name: 'Brive 1', sector: 'Brive' })], ['Tulle'])
  expect(entries.map((entry) => entry.key)).toEqual(['sector Brive', 'c2', 'sector Tulle'])
  expect(entries.map((entry) => entry.index)).toEqual([0, 1, 2])
  expect(height).toBe(2 * SECTOR + ROW)
})

test('arrows stop on the heading of a sector too', () => {
  const { entries } = entriesOf([aCrew(), aCrew({ id: 'c2', name: 'Brive 1', sector: 'Brive' })], ['Tulle'])
  expect(stepFrom('c2', 'ArrowUp', entries, new Map(), { from: NOON, to: NOON + 1 })?.id).toBe('sector Brive')
  expect(stepFrom('c2', 'ArrowDown', entries, new Map(), { from: NOON, to: NOON + 1 })?.id).toBe('sector Tulle')
})

const lunch = { earliest_at: at(0), latest_at: at(60), duration_s: 2700 }
const aShift = { start_at: at(-240), end_at: at(240), breaks: [lunch] }
const onRow = (...hours: [number, number][]) =>
  placeVisits(hours.map(([from, to], index) => aVisit({ id: String(index), depart_at: at(from), start_at: at(from), end_at: at(to) })), NOON)

test('a break falls in the first gap that holds it', () => {
  expect(placeBreaks(aShift, [])).toEqual([{ startAt: NOON, endAt: NOON + 45 * 60_000, isSure: true }])
  expect(placeBreaks(aShift, onRow([-60, 20], [70, 120]))[0]).toMatchObject({ startAt: NOON + 20 * 60_000, isSure: true })
  expect(placeBreaks(aShift, onRow([-60, 20], [50, 58], [110, 120]))[0]).toMatchObject({ startAt: NOON + 58 * 60_000, isSure: true })
})

test('a gap that lacks a minute, as planned hours do between two looks, still holds its break', () => {
  expect(placeBreaks(aShift, onRow([-60, 20], [64, 120]))[0]).toMatchObject({ startAt: NOON + 20 * 60_000, isSure: true })
  expect(placeBreaks(aShift, onRow([-60, 20], [60, 120]))[0]).toMatchObject({ isSure: false })
})

test('a break waits for urgent work that lies over it, and for nothing else', () => {
  const urgent = onRow([-60, 90]).map((one) => ({ ...one, visit: { ...one.visit, brief: { ...one.visit.brief, priority: 'P1' as const } } }))
  expect(placeBreaks(aShift, urgent)[0]).toMatchObject({ startAt: NOON + 90 * 60_000, isSure: true })
  expect(placeBreaks(aShift, onRow([-60, 90]))[0]).toMatchObject({ isSure: false })
})

test('a break without a gap is shown where it is owed, under the work', () => {
  expect(placeBreaks(aShift, onRow([-60, 90]))).toEqual([{ startAt: NOON, endAt: NOON + 45 * 60_000, isSure: false }])
  expect(placeBreaks(null, [])).toEqual([])
})

test('the capacity of a sector is what its shifts hold and what is left of them', () => {
  const crews = [aCrew(), aCrew({ id: 'c2' }), aCrew({ id: 'off', shift: null })]
  const visits = new Map([['c1', [aVisit({ depart_at: at(0), start_at: at(0), end_at: at(120) })]]])
  const { share, freeMs } = capacityOf(crews, visits, NOON)
  expect(share).toBeCloseTo(120 / 960)
  expect(freeMs).toBeCloseTo((120 + 240) * 60_000)
})
