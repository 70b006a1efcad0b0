import { beforeEach, expect, test, vi } from 'vitest'
import type { Offers } from '../../lib/types'
import { board } from '../state/board.svelte'
import { focus } from '../state/focus.svelte'
import { anIncident } from '../state/sample'
import { view } from '../state/view.svelte'
import { acceptOffer } from './actions'
import { boardKeys } from './keys'

vi.mock('./actions', () => ({ acceptOffer: vi.fn(() => Promise.resolve()), togglePin: vi.fn() }))
vi.mock('../../lib/session.svelte', async (original) => ({ ...(await original<object>()), hasRole: () => true }))

const keys = boardKeys({ focusLine: () => undefined })
const press = (key: string): void => (keys[key] as () => void)()

beforeEach(() => {
  vi.mocked(acceptOffer).mockClear()
  board.replace([{ key: 'incident:i1', ver: 1, data: anIncident() }])
  view.select('i1')
  focus.clearOffers()
  focus.offersFor = 'i1'
  focus.offers = { plan_version: 7, offers: [1, 2, 3, 4, 5].map((rank) => ({ rank, crew_id: `c${rank}` })) } as unknown as Offers
})

test('a digit takes the offer that shows it', () => {
  press('2')
  expect(vi.mocked(acceptOffer).mock.calls[0]![1]).toMatchObject({ rank: 2 })
})

test('an offer that is folded away is shown first and taken by the second press', () => {
  press('4')
  expect(acceptOffer).not.toHaveBeenCalled()
  expect(focus.offersShown).toBeGreaterThan(4)
  press('4')
  expect(vi.mocked(acceptOffer).mock.calls[0]![1]).toMatchObject({ rank: 4 })
})
