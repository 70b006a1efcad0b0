/** Too many at once: how many came in the last hour, whether to group them, and which are marked to act on together. */
import { HOUR, MINUTE, millis } from '../../lib/format'
import { currentSession } from '../../lib/session.svelte'
import { sectorOf } from '../../lib/sectors.svelte'
import { board } from './board.svelte'
import { groupsOf, type Group, type Grouping } from './groups'
import { needsCrew, queue } from './queue.svelte'
import { view } from './view.svelte'

/** After « not now » the board keeps quiet for so long. */
const QUIET_MS = 30 * MINUTE

class Storm {
  /** How the queue is grouped; null shows it as a list. */
  grouping = $state<Grouping | null>(null)
  marked = $state.raw<ReadonlySet<string>>(new Set())
  #quietUntil = $state(0)

  arrivals = $derived.by(() => {
    const since = queue.coarseNow - HOUR
    let found = 0
    for (const incident of board.incidents.values()) if (millis(incident.reported_at) >= since) found += 1
    return found
  })
  threshold = $derived(currentSession()?.storm_per_hour ?? Number.POSITIVE_INFINITY)
  isProposed = $derived(this.grouping === null && this.arrivals >= this.threshold && queue.coarseNow >= this.#quietUntil)

  groups = $derived.by((): Group[] => (this.grouping ? groupsOf(queue.ordered, this.grouping, { sectorOf, waits: needsCrew }) : []))
  /** Marked incidents that are still open, in the order of the queue. */
  chosen = $derived(queue.rows.filter((row) => this.marked.has(row.incident.id)))

  toggle(): void {
    this.grouping = this.grouping ? null : 'cause'
  }

  notNow(): void {
    this.#quietUntil = queue.coarseNow + QUIET_MS
  }

  mark(ids: readonly string[], on: boolean): void {
    const next = new Set(this.marked)
    for (const id of ids) {
      if (on) next.add(id)
      else next.delete(id)
    }
    this.marked = next
  }

  /** Marks or unmarks the selected incident. */
  toggleSelected(): void {
    const id = view.selectedId
    if (id) this.mark([id], !this.marked.has(id))
  }

  /** Marks the selected incident and the one it goes to. */
  extend(by: 1 | -1): void {
    if (view.selectedId) this.mark([view.selectedId], true)
    queue.step(by)
    if (view.selectedId) this.mark([view.selectedId], true)
  }

  unmarkAll(): void {
    this.marked = new Set()
  }
}

export const storm = new Storm()
