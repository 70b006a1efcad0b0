import { expect, test } from 'vitest'
import { MOST_OFFERS, focus } from './focus.svelte'

test('the best three offers are shown first, all on demand, three again for the next incident', () => {
  expect(focus.offersShown).toBe(3)
  focus.showAllOffers()
  expect(focus.offersShown).toBe(MOST_OFFERS)
  focus.clearOffers()
  expect(focus.offersShown).toBe(3)
})
