/** Which incidents, in which order, under which heading. */
import { now as serviceNow } from '../../lib/clock.svelte'
import { sectorOf } from '../../lib/sectors.svelte'
import { currentUser } from '../../lib/session.svelte'
import type { IncidentState, VisitState } from '../../lib/types'
import { board } from './board.svelte'
import { matches } from './filters'
import { nextPromise } from './promises'
import { jeopardy, placeOf, plain, timing, type Jeopardy, type Timing } from './model'
import { view } from './view.svelte'

export interface Row {
  incident: IncidentState
  visit: VisitState | undefined
  timing: Timing | null
  jeopardy: Jeopardy
}
export interface Counts { urgentUnassigned: number; late: number; risk: number; unassigned: number; atRisk: number }

/** Countdowns are in minutes: sorting and counting 5,000 rows each second would be wasted. */
const STEP_MS = 10_000

class Queue {
  #kept = new Map<string, Row>()
  coarseNow = $derived(Math.floor(serviceNow() / STEP_MS) * STEP_MS)

  rows = $derived.by((): Row[] => {
    const now = this.coarseNow
    const kept = new Map<string, Row>()
    for (const incident of board.openIncidents) kept.set(incident.id, rowOf(incident, now, this.#kept.get(incident.id)))
    this.#kept = kept
    return [...kept.values()].sort((a, b) => b.incident.score - a.incident.score || dueOf(a) - dueOf(b))
  })

  counts = $derived.by((): Counts => {
    const counts = { urgentUnassigned: 0, late: 0, risk: 0, unassigned: 0, atRisk: 0 }
    for (const row of this.rows) {
      if (needsCrew(row)) {
        counts.unassigned += 1
        if (row.incident.priority === 'P1' || row.incident.priority === 'P2') counts.urgentUnassigned += 1
      }
      if (row.jeopardy === 'late') counts.late += 1
      if (row.jeopardy === 'risk') counts.risk += 1
      if (row.jeopardy !== null) counts.atRisk += 1
    }
    return counts
  })

  #matching = $derived.by((): Row[] => {
    const wanted = view.asked
    if (!view.isNarrowed) return this.rows
    const reader = { me: currentUser()?.name, sectorOf, textOf, waits: needsCrew }
    return this.rows.filter((row) => matches(row, wanted, reader))
  })

  unassigned = $derived(this.#matching.filter(needsCrew))
  assigned = $derived(this.#matching.filter((row) => !needsCrew(row)))
  /** The order in which j and k walk. */
  ordered = $derived([...this.unassigned, ...this.assigned])

  step(by: 1 | -1): void {
    const list = this.ordered
    if (list.length === 0) return
    const at = list.findIndex((row) => row.incident.id === view.selectedId)
    const next = at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + by))
    view.select(list[next]?.incident.id ?? null)
  }
}

/** Waiting for a dispatcher: open, nobody sent, not held for a third party. */
export function needsCrew(row: Pick<Row, 'incident' | 'visit'>): boolean {
  return row.visit === undefined && row.incident.state !== 'on_hold'
}

function dueOf(row: Row): number {
  return row.timing?.dueAt ?? Number.MAX_SAFE_INTEGER
}

/** The row as it was when nothing of it has changed: what draws it then has nothing to do. */
function rowOf(incident: IncidentState, now: number, held: Row | undefined): Row {
  const visit = board.leadingVisit(incident.id)
  const found = timing(incident, visit, now)
  const row = { incident, visit, timing: found, jeopardy: jeopardy(found, now, nextPromise(incident, visit, now)) }
  if (!held || held.incident !== incident || held.visit !== visit || held.jeopardy !== row.jeopardy) return row
  const isSame = held.timing?.lateMs === found?.lateMs && held.timing?.dueAt === found?.dueAt && held.timing?.isAttended === found?.isAttended
  return isSame ? held : row
}

const texts = new WeakMap<IncidentState, { crew: string; text: string }>()

/** Everything words are looked for in; kept with the incident, because plain text of 5,000 rows costs a frame. */
export function textOf(row: Row): string {
  const crew = (row.visit && board.crews.get(row.visit.crew_id)?.name) ?? ''
  const { incident } = row
  const known = texts.get(incident)
  if (known?.crew === crew) return known.text
  const text = plain(`${incident.title} ${placeOf(incident)} ${incident.ref} ${incident.priority} ${incident.category} ${crew}`)
  texts.set(incident, { crew, text })
  return text
}

export const queue = new Queue()
