import { render } from '@testing-library/svelte'
import { beforeEach, expect, test } from 'vitest'
import { connection, lookersOf } from '../state/feed.svelte'
import { anIncident } from '../state/sample'
import People from './People.svelte'

const anna = { id: 'a', label: 'Anna Roux', at: 'incident:i1' }

beforeEach(() => (connection.others = []))

test('colleagues are found at the incident they look at, and nowhere else', () => {
  const found = lookersOf([anna, { id: 'b', label: 'Bruno', at: 'rota:7' }, { id: 'c', label: 'Chloé' }])
  expect([...found]).toEqual([['i1', [anna]]])
})

test('who has taken an incident and who looks at it is written for eyes and for ears', () => {
  connection.others = [anna]
  const { container } = render(People, { incident: anIncident({ id: 'i1', acknowledged_by: 'Bruno Ébène' }) })
  const heard = [...container.querySelectorAll('.sr-only')].map((one) => one.textContent)
  expect(heard).toEqual(['pris par Bruno Ébène', 'Anna Roux regarde cet incident'])
  expect([...container.querySelectorAll('[aria-hidden=true]:not(svg)')].map((one) => one.textContent)).toEqual(['BÉ', 'AR'])
})

test('nobody there, nothing drawn', () => {
  connection.others = [anna]
  const { container } = render(People, { incident: anIncident({ id: 'i2', acknowledged_by: null }) })
  expect(container.textContent?.trim()).toBe('')
})
