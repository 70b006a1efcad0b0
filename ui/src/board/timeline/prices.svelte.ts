/**
 * What it would cost to put one visit anywhere: all places of all crews in one answer, details of a place on demand.
 * The last answer stays on screen while a newer one is fetched; what was asked for something else is dropped.
 */
import { get } from '../../lib/api'
import { explainError } from '../../lib/errors'
import { millis } from '../../lib/format'
import type { CrewMoves, Move, MovePlace, Moves } from '../../lib/types'

class Prices {
  found = $state.raw<Moves | null>(null)
  problem = $state<string | null>(null)
  #for: string | null = null
  #details = $state.raw(new Map<string, Move>())
  #asked = new Set<string>()

  async load(incidentId: string): Promise<void> {
    if (this.#for !== incidentId) this.clear()
    this.#for = incidentId
    try {
      const found = await get<Moves>(`/incidents/${incidentId}/moves`)
      if (this.#for !== incidentId) return
      this.#details = new Map()
      this.#asked.clear()
      this.found = found
      this.problem = null
    } catch (error) {
      if (this.#for === incidentId) this.problem = explainError(error)
    }
  }

  clear(): void {
    this.#for = null
    this.found = null
    this.problem = null
    this.#details = new Map()
    this.#asked.clear()
  }

  of(crewId: string): CrewMoves | undefined {
    return this.found?.crews.find((one) => one.best.crew_id === crewId)
  }

  /** The whole price of a place if it is known; a crew's best is known at once. Asks for nothing. */
  detail(crewId: string, position: number): Move | undefined {
    const best = this.of(crewId)?.best
    return best?.position === position ? best : this.#details.get(`${crewId} ${position}`)
  }

  /** Asks for a place's whole price once; it is shown when it comes. */
  async ask(crewId: string, position: number): Promise<void> {
    const key = `${crewId} ${position}`
    const incidentId = this.#for
    const version = this.found?.plan_version
    if (!incidentId || this.detail(crewId, position) || this.#asked.has(key)) return
    this.#asked.add(key)
    try {
      const move = await get<Move>(`/incidents/${incidentId}/moves/${crewId}?position=${position}`)
      if (this.#for !== incidentId || this.found?.plan_version !== version) return
      if (move.plan_version !== version) await this.load(incidentId)
      else this.#details = new Map(this.#details).set(key, move)
    } catch {
      // The price of the place is on screen already; its details come with the next look.
      this.#asked.delete(key)
    }
  }
}

export const prices = new Prices()

/** The place of a crew whose start lies nearest to an instant: where a bar held there would snap. */
export function nearestPlace(places: readonly MovePlace[], at: number): MovePlace | undefined {
  const gap = (place: MovePlace) => Math.abs(millis(place.start_at) - at)
  return [...places].sort((a, b) => gap(a) - gap(b))[0]
}

export type Tone = 'best' | 'fine' | 'warn' | 'risk' | 'no'

/** How a crew stands for what is carried: the worst thing that its best place does. */
export function toneOf(crew: CrewMoves, found: Moves): Tone {
  if (!crew.best.is_lawful) return 'no'
  if (crew.best.warnings.includes('late')) return 'risk'
  if (crew.best.warnings.length > 0) return 'warn'
  return found.crews[0] === crew ? 'best' : 'fine'
}
