/** What is not in force yet but worth seeing in place: what is carried, the offer or the proposal looked at. */
import { millis } from '../../lib/format'
import type { Offer, Priority } from '../../lib/types'
import { board } from '../state/board.svelte'
import { focus } from '../state/focus.svelte'
import { view } from '../state/view.svelte'
import { drag } from './drag.svelte'
import { stretch } from './stretch.svelte'
import { previous, type Place } from '../state/previous.svelte'

export interface Ghost { key: string; crewId: string; departAt: number; startAt: number; endAt: number; title: string; priority: Priority; kind: 'offer' | 'move' | 'carried' }

/** The offer under the pointer, else the best one; only for an incident without a crew, while nothing is carried. */
export function shownOffer(): Offer | null {
  const id = view.selectedId
  // One question at a time: while a proposal is read, only its own changes are drawn.
  if (!id || drag.carried || view.panel === 'proposal' || focus.offersFor !== id || board.leadingVisit(id)) return null
  const offers = focus.offers?.offers ?? []
  return offers.find((one) => one.rank === view.offerRank) ?? offers[0] ?? null
}

export function ghostsByCrew(): Map<string, Ghost[]> {
  const out = new Map<string, Ghost[]>()
  const add = (ghost: Ghost) => out.set(ghost.crewId, [...(out.get(ghost.crewId) ?? []), ghost])
  const carried = carriedGhost()
  if (carried) add(carried)
  const offer = shownOffer()
  const incident = view.selectedId ? board.incidents.get(view.selectedId) : undefined
  if (offer && incident) {
    add({
      key: `offer ${offer.rank}`, crewId: offer.crew_id, departAt: millis(offer.depart_at), startAt: millis(offer.start_at),
      endAt: millis(offer.end_at), title: incident.title, priority: incident.priority, kind: 'offer',
    })
  }
  if (view.panel === 'proposal') for (const ghost of proposalGhosts()) add(ghost)
  return out
}

/** What is carried, where it would stand if it were let go. */
function carriedGhost(): Ghost | null {
  const { carried, place, move } = drag
  if (!carried?.crewId || !place) return null
  const startAt = millis(place.start_at)
  const lasts = (carried.visit?.duration_s ?? 45 * 60) * 1000
  return {
    key: 'carried', crewId: carried.crewId, departAt: move ? millis(move.depart_at) : startAt, startAt,
    endAt: move ? millis(move.end_at) : startAt + lasts, title: carried.incident.title, priority: carried.incident.priority, kind: 'carried',
  }
}

function proposalGhosts(): Ghost[] {
  return (board.openProposal?.lines ?? []).flatMap((line) => {
    const visit = board.visits.get(line.visit_id)
    if (!line.to?.start_at) return []
    const startAt = millis(line.to.start_at)
    const lasts = (visit?.duration_s ?? 1800) * 1000
    return [{
      key: `move ${line.visit_id}`, crewId: line.to.crew_id, departAt: startAt - (visit?.travel_s ?? 0) * 1000, startAt,
      endAt: startAt + lasts, title: line.title, priority: line.priority, kind: 'move' as const,
    }]
  })
}

/** How much later (or earlier) each planned visit would start with what is carried or offered; milliseconds by visit. */
export function delays(): Map<string, number> {
  if (stretch.held) return new Map((stretch.isPriced ? (stretch.price?.shifts ?? []) : []).map((one) => [one.visit_id, one.shift_s * 1000]))
  if (drag.carried) return new Map((drag.move?.is_lawful ? drag.move.shifts : []).map((one) => [one.visit_id, one.shift_s * 1000]))
  return new Map((shownOffer()?.bumped ?? []).map((one) => [one.visit_id, (one.delay_s ?? 0) * 1000]))
}

/** Where visits stood before the plan last turned, by crew, while that is shown. */
export function placesBefore(): Map<string, Place[]> {
  const out = new Map<string, Place[]>()
  if (!previous.isShown || drag.carried || view.panel === 'proposal') return out
  for (const place of previous.places.values()) out.set(place.crewId, [...(out.get(place.crewId) ?? []), place])
  return out
}

/** Visits that the open proposal would move away from where they are. */
export function leaving(): Set<string> {
  if (view.panel !== 'proposal') return new Set()
  return new Set((board.openProposal?.lines ?? []).filter((line) => line.from).map((line) => line.visit_id))
}
