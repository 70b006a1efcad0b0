import { expect, test } from 'vitest'
import type { Question } from '../lib/types'
import { nextOf, spanOf } from './hours'

const NOW = Date.parse('2026-11-24T09:00:00Z')
const planned = (id: string, user: string | null, from: string | null): Question =>
  ({ question: { id, planned_user: user, planned_from: from, planned_to: from } }) as Question

test('a span has its day when it is another one', () => {
  expect(spanOf({ planned_from: '2026-11-24T09:40:00Z', planned_to: '2026-11-24T09:55:00Z' }, NOW)).toBe('10:40–10:55')
  expect(spanOf({ planned_from: '2026-11-25T09:40:00Z', planned_to: '2026-11-25T09:55:00Z' }, NOW)).toMatch(/^\D+ 10:40–10:55$/)
  expect(spanOf({ planned_from: null, planned_to: null }, NOW)).toBeNull()
})

test('the next one is mine, and the earliest, whatever order they were asked in', () => {
  const waiting = [
    planned('theirs', 'u2', '2026-11-24T09:00:00Z'),
    planned('later', 'u1', '2026-11-24T09:30:00Z'),
    planned('next', 'u1', '2026-11-24T09:15:00Z'),
    planned('nobody', null, null),
  ]
  expect(nextOf(waiting, 'u1')?.question.id).toBe('next')
  expect(nextOf(waiting, 'u3')).toBeNull()
  expect(nextOf(waiting, null)).toBeNull()
})
