/** What a crew does next: one state after the other, the visit at hand, and how to drive there. */
import { millis } from '../lib/format'
import type { Place, VisitState, VisitStatus } from '../lib/types'

const ACTIVE: ReadonlySet<VisitStatus> = new Set(['assigned', 'notified', 'acknowledged', 'en_route', 'on_site', 'paused'])
const BEGUN: ReadonlySet<VisitStatus> = new Set(['en_route', 'on_site', 'paused'])

const NEXT: Partial<Record<VisitStatus, VisitStatus>> = {
  assigned: 'acknowledged',
  notified: 'acknowledged',
  acknowledged: 'en_route',
  en_route: 'on_site',
  on_site: 'completed',
  paused: 'on_site',
}

/** The state behind the big button, or null when there is nothing to press. */
export function nextState(state: VisitStatus): VisitStatus | null {
  return NEXT[state] ?? null
}

export const isActive = (visit: VisitState): boolean => ACTIVE.has(visit.state)
export const isBegun = (visit: VisitState): boolean => BEGUN.has(visit.state)

/** The route as the crew drives it: what has begun first, then by position in the plan. */
export function route(visits: readonly VisitState[]): VisitState[] {
  return visits.filter(isActive).sort((a, b) => Number(isBegun(b)) - Number(isBegun(a)) || a.position - b.position || start(a) - start(b))
}

export function finished(visits: readonly VisitState[]): VisitState[] {
  return visits.filter((visit) => visit.state === 'completed' || visit.state === 'incomplete').sort((a, b) => start(a) - start(b))
}

function start(visit: VisitState): number {
  return visit.start_at === null ? Infinity : millis(visit.start_at)
}

/** A link that opens the phone's own navigation; null when nobody knows where the place is. */
export function driveLink(place: Place, agent: string): string | null {
  if (place.lat === null || place.lon === null) return null
  const at = `${place.lat},${place.lon}`
  if (/android/i.test(agent)) return `geo:${at}?q=${at}(${encodeURIComponent(place.label ?? '')})`
  if (/iphone|ipad/i.test(agent)) return `https://maps.apple.com/?daddr=${at}`
  return `https://www.openstreetmap.org/directions?to=${at}`
}
