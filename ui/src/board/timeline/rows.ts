/** The rows of the timeline: crews under their sector, with the height of each, and bars that never hide each other. */
import { millis } from '../../lib/format'
import type { CrewState, VisitState } from '../../lib/types'
import { loadOf } from '../state/model'

export const ROW = 54
export const SECTOR = 24

export type Entry =
  | { kind: 'sector'; key: string; top: number; name: string; crews: CrewState[]; index: number; isOpen: boolean }
  | { kind: 'crew'; key: string; top: number; crew: CrewState; index: number }

/** Sectors keep the order of their busiest crew list, then the alphabet; crews the order of their names. */
export function entriesOf(crews: readonly CrewState[], closed: readonly string[] = []): { entries: Entry[]; height: number } {
  const sectors = new Map<string, CrewState[]>()
  for (const crew of crews) {
    const members = sectors.get(crew.sector)
    if (members) members.push(crew)
    else sectors.set(crew.sector, [crew])
  }
  const ordered = [...sectors].sort((a, b) => b[1].length - a[1].length || a[0].localeCompare(b[0], 'fr'))
  const entries: Entry[] = []
  let top = 0
  for (const [name, members] of ordered) {
    const isOpen = !closed.includes(name)
    entries.push({ kind: 'sector', key: `sector ${name}`, top, name, crews: members, index: entries.length, isOpen })
    top += SECTOR
    if (!isOpen) continue
    for (const crew of members) {
      entries.push({ kind: 'crew', key: crew.id, top, crew, index: entries.length })
      top += ROW
    }
  }
  return { entries, height: top }
}

/** The crews as their rows follow each other. */
export function crewsInOrder(crews: readonly CrewState[]): CrewState[] {
  return entriesOf(crews).entries.flatMap((entry) => (entry.kind === 'crew' ? [entry.crew] : []))
}

export interface Placed { visit: VisitState; startAt: number; endAt: number; departAt: number; lane: number; lanes: number }

/** Gives each visit a lane; only those that overlap share the height of the row. */
export function placeVisits(visits: readonly VisitState[], now: number): Placed[] {
  const placed = visits.map((visit) => ({ visit, lane: 0, lanes: 1, ...extent(visit, now) })).sort((a, b) => a.startAt - b.startAt)
  let cluster: Placed[] = []
  let clusterEnd = -Infinity
  for (const one of placed) {
    if (one.startAt >= clusterEnd) {
      close(cluster)
      cluster = []
    }
    const taken = new Set(cluster.filter((other) => other.endAt > one.startAt).map((other) => other.lane))
    while (taken.has(one.lane)) one.lane += 1
    cluster.push(one)
    clusterEnd = Math.max(clusterEnd, one.endAt)
  }
  close(cluster)
  return placed
}

function close(cluster: Placed[]): void {
  const lanes = Math.max(1, ...cluster.map((one) => one.lane + 1))
  for (const one of cluster) one.lanes = lanes
}

/** What happened where it happened, what is planned where it is planned; a crew still on site stretches its bar. */
function extent(visit: VisitState, now: number): { startAt: number; endAt: number; departAt: number } {
  const planned = millis(visit.start_at ?? 0)
  const startAt = visit.stamps.on_site ? millis(visit.stamps.on_site) : planned
  const plannedEnd = visit.end_at ? millis(visit.end_at) : startAt + visit.duration_s * 1000
  const isThere = visit.state === 'on_site' || visit.state === 'paused'
  const endAt = visit.stamps.completed ? millis(visit.stamps.completed) : isThere ? Math.max(plannedEnd, now) : plannedEnd
  const departed = visit.stamps.en_route ?? visit.depart_at
  return { startAt, endAt: Math.max(endAt, startAt + 60_000), departAt: departed ? millis(departed) : startAt - visit.travel_s * 1000 }
}

export interface Pause { startAt: number; endAt: number; isSure: boolean }

const SOON_AFTER_MS = 30 * 60_000
/** Planned hours follow the day by steps of two minutes: a gap shorter by less still holds its pause. */
const SLIP_MS = 2 * 60_000

/**
 * Where a crew's pauses fall: in the first gap between its visits that holds them, within the hours they are owed. Without
 * such a gap, where they are owed first: the plan shows that work lies over them.
 */
export function placeBreaks(shift: CrewState['shift'], placed: readonly Placed[]): Pause[] {
  return (shift?.breaks ?? []).map((owed) => {
    const earliest = millis(owed.earliest_at)
    const lasts = owed.duration_s * 1000
    const due = millis(owed.latest_at)
    // A pause waits for urgent work that lies over it, as in the planner.
    const over = placed.filter((one) => one.visit.brief.priority === 'P1' && one.startAt < due + lasts && one.endAt > earliest)
    const latest = Math.max(due, ...over.map((one) => one.endAt + SOON_AFTER_MS))
    let from = earliest
    for (const one of placed) {
      if (one.endAt <= from) continue
      if (one.departAt >= from + lasts - SLIP_MS) break
      from = one.endAt
    }
    const fits = from <= latest
    const startAt = fits ? from : earliest
    return { startAt, endAt: startAt + lasts, isSure: fits }
  })
}

/** Of the shifts of some crews: the share that is promised, and the time that is not yet, milliseconds. */
export function capacityOf(crews: readonly CrewState[], visits: ReadonlyMap<string, readonly VisitState[]>, now: number): { share: number; freeMs: number } {
  let busy = 0
  let paid = 0
  let freeMs = 0
  for (const crew of crews) {
    if (!crew.shift) continue
    const from = millis(crew.shift.start_at)
    const to = millis(crew.shift.end_at)
    const own = visits.get(crew.id) ?? []
    busy += loadOf(crew, own) * (to - from)
    paid += to - from
    const ahead = { ...crew, shift: { ...crew.shift, start_at: new Date(Math.max(from, Math.min(to, now))).toISOString() } }
    freeMs += (1 - loadOf(ahead, own)) * Math.max(0, to - Math.max(from, now))
  }
  return { share: paid > 0 ? busy / paid : 0, freeMs }
}
