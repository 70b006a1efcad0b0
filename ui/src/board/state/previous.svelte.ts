/**
 * Where visits stood before the plan last turned: what a re-plan has done is seen in place, not guessed. Changes come in
 * over a second or two around the turn; a route that only rolls forward with time turns nothing and leaves no trace.
 */
import { millis } from '../../lib/format'
import type { Change } from '../../lib/live'
import type { PlanState, VisitState } from '../../lib/types'
import { isActive } from './model'

export interface Place { visitId: string; title: string; crewId: string; departAt: number; startAt: number; endAt: number }

const AROUND_MS = 2_000
const NOTICED_MS = 5 * 60_000
const SHOWN_MS = 25_000

class Previous {
  /** By visit. */
  places = $state.raw(new Map<string, Place>())
  isShown = $state(false)
  #recent: { at: number; place: Place }[] = []
  #turnedAt = -Infinity
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Takes notice of a batch that is about to be applied over what is held. */
  hear(changes: readonly Change[], visits: ReadonlyMap<string, VisitState>, plan: PlanState | null): void {
    const at = performance.now()
    this.#recent = this.#recent.filter((one) => at - one.at < AROUND_MS)
    let isNews = false
    for (const { key, data } of changes) {
      if (key === 'plan') {
        const next = (data as PlanState | null)?.version
        if (!plan || next === undefined || next <= plan.version) continue
        if (at - this.#turnedAt > AROUND_MS) this.#forget()
        this.#turnedAt = at
        isNews = true
      } else if (key.startsWith('visit:') && data) {
        const before = visits.get(key.slice(6))
        const place = before && isMoved(before, data as VisitState) ? placeOf(before) : null
        if (place) this.#recent.push({ at, place })
        isNews ||= place !== null && at - this.#turnedAt < AROUND_MS
      }
    }
    if (isNews) this.#show()
  }

  clear(): void {
    this.#forget()
    this.#recent = []
  }

  toggle(): void {
    clearTimeout(this.#timer)
    this.isShown = !this.isShown
  }

  #show(): void {
    const places = new Map(this.places)
    // A visit that moves twice in one turn came from where it stood first.
    for (const { place } of this.#recent) if (!places.has(place.visitId)) places.set(place.visitId, place)
    if (places.size === 0) return
    this.places = places
    this.isShown = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => (this.isShown = false), SHOWN_MS)
  }

  #forget(): void {
    if (this.places.size > 0) this.places = new Map()
    this.isShown = false
    clearTimeout(this.#timer)
  }
}

function isMoved(before: VisitState, after: VisitState): boolean {
  if (!isActive(before) || !isActive(after) || !before.start_at || !after.start_at || before.ver >= after.ver) return false
  return before.crew_id !== after.crew_id || Math.abs(millis(before.start_at) - millis(after.start_at)) >= NOTICED_MS
}

function placeOf(visit: VisitState): Place {
  const startAt = millis(visit.start_at!)
  return {
    visitId: visit.id, title: visit.brief.title, crewId: visit.crew_id, startAt,
    departAt: visit.depart_at ? millis(visit.depart_at) : startAt - visit.travel_s * 1000,
    endAt: visit.end_at ? millis(visit.end_at) : startAt + visit.duration_s * 1000,
  }
}

export const previous = new Previous()
