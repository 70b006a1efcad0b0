/**
 * Everything the board shows, kept by key and replaced in batches. Items arrive as upserts and removals; a batch makes
 * one new map per kind it touches, so that 50 changes cost one repaint (deep reactivity over 5,000 rows costs ten).
 */
import { setClock } from '../../lib/clock.svelte'
import type { Change } from '../../lib/live'
import type {
  ClockState, CrewState, IncidentState, OnCallState, PlanState, ProposalState, VisitState, WeatherState,
} from '../../lib/types'
import { millis } from '../../lib/format'
import { onCall } from '../../oncall/live.svelte'
import { field } from './field.svelte'
import { isActive, isOpen, isShown, leadingVisit } from './model'
import { previous } from './previous.svelte'

interface Kinds { incident: IncidentState; visit: VisitState; crew: CrewState; proposal: ProposalState }
type Tables = { [K in keyof Kinds]: Map<string, Kinds[K]> }

const emptyTables = (): Tables => ({ incident: new Map(), visit: new Map(), crew: new Map(), proposal: new Map() })

class Board {
  #tables = $state.raw<Tables>(emptyTables())
  #rows: ReadonlyMap<string, VisitState[]> = new Map()
  plan = $state.raw<PlanState | null>(null)
  oncall = $state.raw<OnCallState | null>(null)
  weather = $state.raw<WeatherState | null>(null)
  /** False until the first complete picture: an empty list is then "not known yet", not "nothing to do". */
  isLoaded = $state(false)

  incidents = $derived(this.#tables.incident)
  visits = $derived(this.#tables.visit)
  crews = $derived(this.#tables.crew)
  proposals = $derived(this.#tables.proposal)

  /** Visits drawn on a crew's row, in order of start. */
  visitsByCrew = $derived.by(() => (this.#rows = rowsOf(this.visits.values(), this.#rows)))
  activeByIncident = $derived.by(() => group([...this.visits.values()].filter(isActive), (visit) => visit.incident_id))
  openIncidents = $derived([...this.incidents.values()].filter(isOpen))
  crewList = $derived([...this.crews.values()].sort((a, b) => byName.compare(a.name, b.name)))
  openProposal = $derived([...this.proposals.values()].filter((one) => one.state === 'open').sort((a, b) => b.plan_version - a.plan_version)[0] ?? null)

  /** What was applied without asking and can still be given back. */
  appliedProposal = $derived([...this.proposals.values()].filter((one) => one.state === 'applied').sort((a, b) => b.plan_version - a.plan_version)[0] ?? null)

  /** The other crews that were sent to the same incident. */
  otherVisits(incidentId: string): VisitState[] {
    const all = this.activeByIncident.get(incidentId) ?? []
    const leading = leadingVisit(all)
    return all.filter((visit) => visit !== leading)
  }

  leadingVisit(incidentId: string): VisitState | undefined {
    return leadingVisit(this.activeByIncident.get(incidentId) ?? [])
  }

  /** A fresh complete picture: what is not in it is gone. */
  replace(items: readonly Change[]): void {
    this.#tables = emptyTables()
    onCall.replace([])
    field.replace()
    previous.clear()
    this.weather = null
    this.apply(items)
    this.isLoaded = true
  }

  apply(changes: readonly Change[]): void {
    onCall.hear(changes)
    field.hear(changes)
    previous.hear(changes, this.#tables.visit, this.plan)
    const next = { ...this.#tables }
    const copied = new Set<string>()
    for (const change of changes) {
      const [kind = '', id = ''] = change.key.split(':')
      if (!(kind in next)) {
        this.#applySingle(kind, change.data)
        continue
      }
      const name = kind as keyof Tables
      if (!copied.has(name)) {
        copied.add(name)
        Object.assign(next, { [name]: new Map(next[name] as Map<string, unknown>) })
      }
      const table = next[name] as Map<string, { ver: number }>
      if (change.data === null) table.delete(id)
      else if ((table.get(id)?.ver ?? -1) <= change.ver) table.set(id, change.data as { ver: number })
    }
    if (copied.size > 0) this.#tables = next
  }

  #applySingle(kind: string, data: unknown): void {
    if (kind === 'plan') this.plan = data as PlanState | null
    else if (kind === 'oncall') this.oncall = data as OnCallState | null
    else if (kind === 'weather') this.weather = data as WeatherState | null
    else if (kind === 'clock') setClock(data as ClockState | null)
  }
}

/** Made once: a thousand crews that move are put in order at each batch, and a collator costs more than a comparison. */
const byName = new Intl.Collator('fr', { numeric: true })

/** A visit never changes, a new one takes its place: its start is read from words once, not at every comparison. */
const starts = new WeakMap<VisitState, number>()

function startOf(visit: VisitState): number {
  const known = starts.get(visit)
  if (known !== undefined) return known
  const found = millis(visit.start_at ?? 0)
  starts.set(visit, found)
  return found
}

/** Visits of each crew in order of start; a list in which nothing changed is the one held, so that its row rests. */
export function rowsOf(visits: Iterable<VisitState>, held: ReadonlyMap<string, VisitState[]>): ReadonlyMap<string, VisitState[]> {
  const rows = group([...visits].filter(isShown), (visit) => visit.crew_id)
  for (const [crewId, list] of rows) {
    list.sort((a, b) => startOf(a) - startOf(b))
    const was = held.get(crewId)
    if (was?.length === list.length && was.every((visit, at) => visit === list[at])) rows.set(crewId, was)
  }
  return rows
}

function group<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const list = groups.get(key)
    if (list) list.push(item)
    else groups.set(key, [item])
  }
  return groups
}

export const board = new Board()
