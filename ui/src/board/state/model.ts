/**
 * What the board can work out from the items it holds: which visit counts, who is late, how full a crew is.
 * Pure functions of their arguments; times in milliseconds since 1970.
 */
import { HOUR, millis } from '../../lib/format'
import { placeWords } from '../../lib/places'
import type { CrewState, IncidentState, IncidentStatus, VisitState, VisitStatus } from '../../lib/types'

const OPEN: ReadonlySet<IncidentStatus> = new Set(['received', 'triaged', 'in_progress', 'stabilised', 'on_hold', 'reopened'])
const ACTIVE: ReadonlySet<VisitStatus> = new Set(['assigned', 'notified', 'acknowledged', 'en_route', 'on_site', 'paused'])
const SHOWN: ReadonlySet<VisitStatus> = new Set([...ACTIVE, 'completed', 'incomplete'])
const NOT_STARTED: ReadonlySet<VisitStatus> = new Set(['assigned', 'notified', 'acknowledged'])

export const isOpen = (incident: IncidentState): boolean => OPEN.has(incident.state)
/** A crew has this visit to do or is doing it. */
export const isActive = (visit: VisitState): boolean => ACTIVE.has(visit.state)
/** Drawn on the timeline. */
export const isShown = (visit: VisitState): boolean => SHOWN.has(visit.state) && visit.start_at !== null
/** May still go to another crew without anybody turning back. */
export const isMovable = (visit: VisitState): boolean => NOT_STARTED.has(visit.state)

/** When the crew is, was or should be there; a visit that has not begun is never expected in the past. */
export function expectedAt(visit: VisitState, now: number): number | null {
  if (visit.stamps.on_site) return millis(visit.stamps.on_site)
  return visit.start_at === null ? null : Math.max(millis(visit.start_at), now)
}

/** By how much a crew that is there works beyond the hour it was to be done, in milliseconds; 0 while that hour lies ahead. */
export function overrunOf(visit: VisitState, now: number): number {
  const isThere = visit.state === 'on_site' || visit.state === 'paused'
  return isThere && visit.end_at ? Math.max(0, now - millis(visit.end_at)) : 0
}

export interface Timing {
  /** Beyond the promised hour by this much (> 0), or still before it (≤ 0). */
  lateMs: number
  dueAt: number
  /** Somebody is there: the promise of arrival is settled, kept or not. */
  isAttended: boolean
}

/** How an incident stands against its promised arrival; null when nothing was promised. */
export function timing(incident: IncidentState, visit: VisitState | undefined, now: number): Timing | null {
  if (incident.respond_by === null) return null
  const dueAt = millis(incident.respond_by)
  const isAttended = visit?.stamps.on_site !== undefined
  const arrival = (visit && expectedAt(visit, now)) ?? now
  return { dueAt, isAttended, lateMs: arrival - dueAt }
}

export type Jeopardy = 'late' | 'risk' | null

/**
 * `late`: a promise is broken (to take it, to be there, to make it safe, to restore), or that of arrival will be. `risk`: arrival falls
 * due within the hour and nobody is there yet. Header, rows, map, filters and the wall all count by this.
 */
export function jeopardy(found: Timing | null, now: number, next: { lateMs: number } | null = null): Jeopardy {
  if ((next?.lateMs ?? 0) > 0) return 'late'
  if (!found || found.isAttended) return null
  if (found.lateMs > 0) return 'late'
  return found.dueAt - now <= HOUR ? 'risk' : null
}

/** Until when a crew is out of service; null when it serves. */
export function outUntil(crew: CrewState, now: number): number | null {
  const until = crew.out_until ? millis(crew.out_until) : 0
  return until > now ? until : null
}

/** Share of the shift already promised, travel included; 0 without a shift. */
export function loadOf(crew: CrewState, visits: readonly VisitState[]): number {
  if (!crew.shift) return 0
  const from = millis(crew.shift.start_at)
  const to = millis(crew.shift.end_at)
  let busy = 0
  for (const visit of visits) {
    if (visit.start_at === null || visit.end_at === null) continue
    const begins = visit.depart_at === null ? millis(visit.start_at) - visit.travel_s * 1000 : millis(visit.depart_at)
    busy += Math.max(0, Math.min(to, millis(visit.end_at)) - Math.max(from, begins))
  }
  return to > from ? Math.min(1, busy / (to - from)) : 0
}

/** The visit that speaks for an incident: the one furthest in its life, then the earliest. */
const RANK: VisitStatus[] = ['on_site', 'paused', 'en_route', 'acknowledged', 'notified', 'assigned']
export function leadingVisit(visits: readonly VisitState[]): VisitState | undefined {
  let best: VisitState | undefined
  for (const visit of visits) {
    if (!isActive(visit)) continue
    if (!best || RANK.indexOf(visit.state) < RANK.indexOf(best.state)) best = visit
  }
  return best
}

/** Lower case without accents, so that « egletons » finds « Égletons ». */
export function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLowerCase()
}

export function placeOf(incident: Pick<IncidentState, 'place'>): string {
  return placeWords(incident.place)
}
