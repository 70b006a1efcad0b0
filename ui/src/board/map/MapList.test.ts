import { fireEvent, render } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import type { Position } from '../../lib/places'
import { board } from '../state/board.svelte'
import { anIncident } from '../state/sample'
import { view } from '../state/view.svelte'
import MapList from './MapList.svelte'

test('every incident of many is reached by buttons, and the last of them can be chosen', async () => {
  const many = Array.from({ length: 231 }, (_, at) => anIncident({ id: `i${at}`, title: `Fuite ${at}`, score: 500 - at }))
  board.replace(many.map((data) => ({ key: `incident:${data.id}`, ver: 1, data })))
  const { container } = render(MapList)
  const list = container.querySelector('section')!
  const next = [...list.querySelectorAll<HTMLButtonElement>('.pages button')].at(-1)!
  const range = (): string => list.querySelector('[role=status]')!.textContent!
  expect(list.getAttribute('aria-label')).toMatch(/^231/)
  expect(list.querySelectorAll('li')).toHaveLength(100)

  await fireEvent.click(next)
  expect(range()).toBe('101 à 200 sur 231')
  await fireEvent.click(next)
  // A key pressed once too often: nothing moves, and the button keeps the focus.
  await fireEvent.click(next)
  expect(range()).toBe('201 à 231 sur 231')
  expect(next.disabled).toBe(false)
  expect(next.getAttribute('aria-disabled')).toBe('true')

  const rows = list.querySelectorAll('li')
  expect(rows).toHaveLength(31)
  await fireEvent.click(rows[30]!.querySelector('button')!)
  expect(view.selectedId).toBe('i230')
})

test('the place of what is chosen is one button away, and of nothing else', async () => {
  board.replace(['a', 'b'].map((id) => ({ key: `incident:${id}`, ver: 1, data: anIncident({ id }) })))
  const shown: Position[] = []
  view.select(null)
  const { container, getAllByRole } = render(MapList, { onshow: (at) => shown.push(at) })
  const row = container.querySelector('section li button')!
  expect(container.querySelectorAll('section li button')).toHaveLength(2)
  await fireEvent.click(row)
  await fireEvent.click(getAllByRole('button', { name: /carte/ })[0]!)
  expect(shown).toHaveLength(1)
  expect(container.querySelectorAll('section li button')).toHaveLength(3)
})
