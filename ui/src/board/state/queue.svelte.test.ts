// @vitest-environment node
import { flushSync } from 'svelte'
import { expect, test } from 'vitest'
import { board } from './board.svelte'
import { queue } from './queue.svelte'
import { anIncident } from './sample'
import { view } from './view.svelte'

const incident = (index: number, ver = 1, score = 50) => ({ key: `incident:i${index}`, ver, data: anIncident({ id: `i${index}`, ver, score, title: `Fuite ${index}` }) })

test('a change makes one new row; what draws the others has nothing to do', () => {
  board.replace(Array.from({ length: 200 }, (_, index) => incident(index)))
  const stop = $effect.root(() => {
    const before = new Map(queue.rows.map((row) => [row.incident.id, row]))

    board.apply([incident(7, 2, 99)])
    flushSync()

    const after = queue.rows
    expect(after[0]?.incident.id).toBe('i7')
    expect(after.filter((row) => before.get(row.incident.id) !== row).map((row) => row.incident.id)).toEqual(['i7'])
  })
  stop()
})

test('words are looked for in what a row says now', () => {
  board.replace([incident(1), incident(2)])
  board.apply([{ key: 'incident:i2', ver: 2, data: anIncident({ id: 'i2', ver: 2, title: 'Égout bouché' }) }])
  view.search = 'EGOUT bouche'
  expect(queue.ordered.map((row) => row.incident.id)).toEqual(['i2'])
  board.apply([{ key: 'incident:i1', ver: 2, data: anIncident({ id: 'i1', ver: 2, title: 'Égout bouché, bis' }) }])
  expect(queue.ordered.map((row) => row.incident.id).sort()).toEqual(['i1', 'i2'])
  view.search = ''
})
