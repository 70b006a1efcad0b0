/** Arrow keys in the timeline: sideways along a crew's visits, up and down to the visit nearest in time. Pure. */
import { millis } from '../../lib/format'
import type { VisitState } from '../../lib/types'
import type { Entry } from './rows'
import type { Scale } from './scale'

export interface Stop { id: string; top: number }

export function stepFrom(id: string, key: string, entries: readonly Entry[], visits: ReadonlyMap<string, readonly VisitState[]>, scale: Pick<Scale, 'from' | 'to'>): Stop | null {
  const crews = entries
  const inRow = (crewId: string) => (visits.get(crewId) ?? []).filter((visit) => millis(visit.end_at ?? 0) > scale.from && millis(visit.start_at ?? 0) < scale.to)
  const row = crews.findIndex((entry) => entry.key === id || inRow(entry.key).some((visit) => visit.id === id))
  const here = crews[row]
  if (!here) return null
  const stops = [here.key, ...inRow(here.key).map((visit) => visit.id)]
  const at = stops.indexOf(id)
  if (key === 'ArrowRight' || key === 'ArrowLeft' || key === 'Home' || key === 'End') {
    const wanted = key === 'Home' ? 0 : key === 'End' ? stops.length - 1 : at + (key === 'ArrowRight' ? 1 : -1)
    const next = stops[wanted]
    return next ? { id: next, top: here.top } : null
  }
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return null
  const other = crews[row + (key === 'ArrowDown' ? 1 : -1)]
  if (!other) return null
  const current = inRow(here.key).find((visit) => visit.id === id)
  const nearest = current ? closest(inRow(other.key), millis(current.start_at ?? 0)) : undefined
  return { id: nearest?.id ?? other.key, top: other.top }
}

function closest(visits: readonly VisitState[], at: number): VisitState | undefined {
  const gap = (visit: VisitState) => Math.abs(millis(visit.start_at ?? 0) - at)
  return [...visits].sort((a, b) => gap(a) - gap(b))[0]
}
