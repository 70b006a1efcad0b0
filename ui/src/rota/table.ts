/**
 * A rota as a grid of people and weeks. Pure: instants come in as ISO strings, days in civil time of the service.
 */
import { civilDay, DAY, millis } from '../lib/format'
import type { RotaView } from '../lib/types'

export type Person = RotaView['people'][number]
export type Post = RotaView['posts'][number]
export type Duty = RotaView['duties'][number]
export type Week = RotaView['weeks'][number]
export type Counter = RotaView['counters'][number]

export interface Cell {
  week: Week
  duties: Duty[]
  /** Kind of the absence that touches this week, if any. */
  away: string | null
  /** What that person would rather: hold a turn this week, or none. */
  wish: 'free' | 'duty' | null
  /** Somebody else, or nobody, had this turn in the version compared with. */
  isNew: boolean
}
export interface Row { person: Person; cells: Cell[]; counter: Counter | null }
export interface Section { post: Post; rows: Row[] }
export interface Cover { held: number; need: number }

const turn = (duty: Duty) => `${duty.person_id} ${duty.post} ${duty.week_iso}`

/** One section a post, in order; a person who holds several posts stands under the first. */
export function sections(rota: RotaView, before: RotaView | null = null): Section[] {
  const held = groupBy(rota.duties, (duty) => `${duty.person_id} ${duty.week_iso}`)
  const known = before ? new Set(before.duties.map(turn)) : null
  const counters = new Map(rota.counters.map((one) => [one.person_id, one]))
  const rowOf = (person: Person): Row => ({
    person,
    counter: counters.get(person.id) ?? null,
    cells: rota.weeks.map((week) => {
      const duties = held.get(`${person.id} ${week.iso}`) ?? []
      return { week, duties, away: absence(person, week), wish: wished(person, week), isNew: known !== null && duties.some((duty) => !known.has(turn(duty))) }
    }),
  })
  return rota.posts
    .map((post) => ({ post, rows: rota.people.filter((one) => one.post_codes[0] === post.code).map(rowOf) }))
    .filter((section) => section.rows.length > 0)
}

/** How many people hold a turn each week, against how many are needed. */
export function coverage(rota: RotaView): Cover[] {
  const need = rota.posts.reduce((sum, post) => sum + post.need, 0)
  return rota.weeks.map((week) => {
    const held = rota.posts.map((post) => {
      const people = new Set(rota.duties.filter((duty) => duty.week_iso === week.iso && duty.post === post.code).map((duty) => duty.person_id))
      return Math.min(people.size, post.need)
    })
    return { held: held.reduce((sum, one) => sum + one, 0), need }
  })
}

/** Turns of this version that the other did not have. */
export function changed(rota: RotaView, before: RotaView | null): number {
  if (!before) return 0
  const known = new Set(before.duties.map(turn))
  const shared = new Set(before.weeks.map((week) => week.iso))
  return rota.duties.filter((duty) => shared.has(duty.week_iso) && !known.has(turn(duty))).length
}

export interface Difference { week: string; post: string; before: string[]; after: string[] }

/** Turns held by others than in another version, in the weeks that both have, in order. */
export function differences(rota: RotaView, other: RotaView): Difference[] {
  const holders = (view: RotaView) => groupBy(view.duties, (duty) => `${duty.week_iso} ${duty.post}`)
  const now = holders(rota)
  const then = holders(other)
  const shared = new Set(other.weeks.map((week) => week.iso))
  const names = (duties: Duty[] | undefined): string[] => [...new Set((duties ?? []).map((duty) => duty.person_id))]
  return rota.weeks.filter((week) => shared.has(week.iso)).flatMap((week) =>
    rota.posts.flatMap((post) => {
      const key = `${week.iso} ${post.code}`
      const [after, before] = [names(now.get(key)), names(then.get(key))]
      const won = after.filter((one) => !before.includes(one))
      const lost = before.filter((one) => !after.includes(one))
      return won.length + lost.length > 0 ? [{ week: week.iso, post: post.code, before: lost, after: won }] : []
    }),
  )
}

/** What a version comes to, for two of them side by side; cents only where pay is shown. */
export function account(rota: RotaView): { cents: number | null; furthest: number; broken: number; gaps: number } {
  const paid = rota.duties.filter((duty) => duty.cents != null)
  return {
    cents: paid.length > 0 ? paid.reduce((sum, duty) => sum + (duty.cents ?? 0), 0) : null,
    furthest: Math.max(0, ...rota.counters.map((one) => Math.abs(one.deviation))),
    broken: rota.rules.filter((rule) => !rule.satisfied).length,
    gaps: rota.gaps.reduce((sum, gap) => sum + gap.missing, 0),
  }
}

/** What each person earns by the turns of a version. */
export function earned(rota: RotaView): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const duty of rota.duties) if (duty.cents != null) sums.set(duty.person_id, (sums.get(duty.person_id) ?? 0) + duty.cents)
  return sums
}

/** Consecutive weeks of one month, for the row above the weeks; a week belongs to the month of its first day. */
export function months(weeks: readonly Week[]): { start: string; span: number }[] {
  const found: { start: string; span: number }[] = []
  for (const week of weeks) {
    const last = found.at(-1)
    if (last && civilDay(last.start).slice(0, 7) === civilDay(week.start).slice(0, 7)) last.span += 1
    else found.push({ start: week.start, span: 1 })
  }
  return found
}

function absence(person: Person, week: Week): string | null {
  const first = civilDay(week.start)
  // A week ends with the relief on Monday morning: that day belongs to the next one.
  const last = civilDay(millis(week.end) - DAY)
  return person.absences.find((one) => one.start <= last && one.end > first)?.kind ?? null
}

function wished(person: Person, week: Week): Cell['wish'] {
  const first = civilDay(week.start)
  const last = civilDay(millis(week.end) - DAY)
  const found = (person.wishes ?? []).find((one) => one.start <= last && one.end > first)
  return found ? (found.wants_duty ? 'duty' : 'free') : null
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const list = groups.get(keyOf(item))
    if (list) list.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}
