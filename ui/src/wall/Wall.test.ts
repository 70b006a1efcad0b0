import { render } from '@testing-library/svelte'
import { tick } from 'svelte'
import { expect, test, vi } from 'vitest'
import type { Wall as Picture } from '../lib/types'
import { WallFeed } from './feed.svelte'
import Wall from './Wall.svelte'
import WallMap from './WallMap.svelte'

const AT = '2026-11-24T13:07:00Z'
const row = (id: string, more: object) => ({
  id, priority: 'P1', state: 'in_progress', category: 'water_leak_road', commune: 'Tulle', lat: null, lon: null, crew: 'Tulle 1', visit: 'assigned',
  due_at: '2026-11-24T12:00:00Z', jeopardy: null, late_s: 0, ...more,
})
const counts = { urgent: 0, late: 1, at_risk: 2, open: 2, unassigned: 0 }

test('who is on site is not counted late on from a promise that was kept; who is late is told by how much', async () => {
  const incidents = [row('there', { visit: 'on_site' }), row('late', { jeopardy: 'late', late_s: 120 })]
  const picture = { org: 'Corrèze', demo: false, at: AT, counts, incidents, crews: {}, on_map: [] } as unknown as Picture
  const feed = new WallFeed(() => Promise.resolve(new Response(JSON.stringify(picture))))
  const { container } = render(Wall, { feed })
  await new Promise((then) => setTimeout(then))
  await tick()
  const due = [...container.querySelectorAll('.due')].map((one) => one.textContent!.trim())
  expect(due[0]).toBe('Sur place')
  expect(due[1]).toMatch(/^\+ 2\smin/)
  // At risk is not a broken rule: no yellow.
  expect(container.querySelector('.counts .warn')).toBeNull()
})

test('the map says kind by shape, state by fill and class by the ring, as the board does', async () => {
  const square = [[1, 45], [2, 45], [2, 46], [1, 46], [1, 45]]
  const communes = { features: [{ properties: { nom: 'Tulle', population: 14_000, lon: 1.5, lat: 45.5 }, geometry: { type: 'Polygon', coordinates: [square] } }] }
  const fetched = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(JSON.stringify(communes)))
  const at = { lat: 45.5, lon: 1.5 }
  const incidents = [row('water', { ...at, service: 'drinking_water', visit: null, state: 'received' }), row('road', { ...at, service: 'roads', priority: 'P3', visit: 'on_site' })]
  const picture = { org: 'Corrèze', demo: false, at: AT, counts, incidents, crews: {}, on_map: [] } as unknown as Picture
  const { container } = render(WallMap, { picture })
  await vi.waitFor(() => expect(container.querySelectorAll('.incident')).toHaveLength(2))
  const [road, water] = [...container.querySelectorAll('.incident')]
  expect([road!.classList.contains('diamond'), road!.querySelector('.ring')]).toEqual([true, null])
  expect(road!.querySelector('path')!.getAttribute('style')).toContain('--site')
  expect([water!.classList.contains('circle'), water!.querySelector('.ring') !== null]).toEqual([true, true])
  expect(container.querySelector('ul')!.textContent).toContain('voirie')
  fetched.mockRestore()
})
