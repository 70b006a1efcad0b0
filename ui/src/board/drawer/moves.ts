/** Which states a dispatcher may choose by hand from each state; the service has the last word on every move. */
import type { IncidentStatus } from '../../lib/types'

const MOVES: Record<IncidentStatus, IncidentStatus[]> = {
  received: ['triaged', 'answered', 'on_hold', 'transferred', 'cancelled'],
  triaged: ['answered', 'on_hold', 'transferred', 'cancelled'],
  in_progress: ['stabilised', 'resolved', 'on_hold', 'cancelled'],
  stabilised: ['in_progress', 'resolved', 'on_hold', 'cancelled'],
  resolved: ['closed', 'reopened'],
  closed: ['reopened'],
  answered: ['closed', 'reopened'],
  on_hold: ['triaged', 'transferred', 'cancelled'],
  transferred: ['closed', 'reopened'],
  merged: [],
  cancelled: ['reopened'],
  reopened: ['triaged', 'answered', 'on_hold', 'transferred', 'cancelled'],
}

const WITH_REASON: ReadonlySet<IncidentStatus> = new Set(['answered', 'on_hold', 'transferred', 'cancelled', 'reopened'])

export const movesFrom = (state: IncidentStatus): IncidentStatus[] => MOVES[state]
/** Somebody will ask why: the sentence is kept in the history and may be told to the citizen. */
export const needsReason = (to: IncidentStatus): boolean => WITH_REASON.has(to)
