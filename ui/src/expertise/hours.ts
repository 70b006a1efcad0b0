/** Whose time is planned for which question: said by the optimiser, never binding. */
import { millis, moment, time } from '../lib/format'
import type { Question } from '../lib/types'

/** « 10:40–10:55 », with the day when it is not today's; null when nobody's time is planned. */
export function spanOf({ planned_from, planned_to }: { planned_from: string | null; planned_to: string | null }, now: number): string | null {
  return planned_from && planned_to ? `${moment(planned_from, now)}–${time(planned_to)}` : null
}

/** The question that this person is planned to answer first, among those that wait. */
export function nextOf(waiting: readonly Question[], user: string | null): Question | null {
  const mine = waiting.filter(({ question }) => user !== null && question.planned_user === user && question.planned_from !== null)
  return mine.sort((one, other) => millis(one.question.planned_from!) - millis(other.question.planned_from!))[0] ?? null
}
