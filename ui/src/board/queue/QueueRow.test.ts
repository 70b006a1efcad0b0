import { render } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import { jeopardy, timing } from '../state/model'
import { NOON, aVisit, anIncident, at } from '../state/sample'
import QueueRow from './QueueRow.svelte'

const there = (end: number) => aVisit({ state: 'on_site', stamps: { on_site: at(-60) }, end_at: at(end) })

function shown(part: Parameters<typeof anIncident>[0], visit?: ReturnType<typeof aVisit>, dense = false): HTMLElement {
  const incident = anIncident(part)
  const found = timing(incident, visit, NOON)
  const row = { incident, visit, timing: found, jeopardy: jeopardy(found, NOON) }
  const handlers = { onpick: () => undefined, ondrag: () => undefined }
  return render(QueueRow, { row, now: NOON, dense, selected: false, top: 0, height: 76, position: 1, total: 1, marked: false, ...handlers }).container
}
const due = (container: HTMLElement): string => container.querySelector('.due')!.textContent!.replace(/\s+/g, ' ').trim()

test('an hour of end that has passed says by how much, without yellow or red', () => {
  expect(due(shown({}, there(20)))).toBe('fin 12:20')
  const over = shown({}, there(-12))
  expect(due(over)).toBe('fin 11:48 · + 12 min')
  expect(over.querySelector('.due [title]')!.getAttribute('title')).toBe('Devait finir à 11:48, dépassé de 12 min')
  expect(over.querySelector('.late, .warn')).toBeNull()
})

test('who holds an incident never takes the room of its title, and another hour asked for is no broken rule', () => {
  const [first] = shown({ acknowledged_by: 'Bruno Ébène', asks: 1, acknowledge_by: at(10) }).querySelectorAll('.line')
  expect(first!.querySelector('.title')!.textContent).toBe('Fuite')
  expect(first!.querySelector('.mark')).toBeNull()
  expect(first!.parentElement!.querySelector('.line .mark')!.textContent).toContain('BÉ')
  expect(first!.querySelector('.asks')).not.toBeNull()
})

test('a dense row keeps all of it on one line', () => {
  const row = shown({ acknowledged_by: 'Bruno Ébène' }, undefined, true)
  expect(row.querySelectorAll('.line')).toHaveLength(1)
  expect(row.querySelector('.line .mark')).not.toBeNull()
})
