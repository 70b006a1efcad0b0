/** Which of the four promises of an incident falls due next, and how it stands. */
import { millis } from '../../lib/format'
import type { IncidentState, VisitState } from '../../lib/types'
import { timing } from './model'

export type PromiseKind = 'acknowledge' | 'respond' | 'make_safe' | 'restore'
export interface NextPromise {
  kind: PromiseKind
  dueAt: number
  /** > 0 once it is, or is expected to be, too late. */
  lateMs: number
}

/** The earliest promise that is not kept yet; null when nothing is promised, all is kept, or time stands still. */
export function nextPromise(incident: IncidentState, visit: VisitState | undefined, now: number): NextPromise | null {
  if (incident.state === 'on_hold') return null
  const stamps = incident.progress.stamps ?? {}
  const isTaken = Boolean(incident.acknowledged_by) || Object.keys(stamps).some((step) => step !== 'received')
  const isThere = 'on_site' in stamps || visit?.stamps.on_site !== undefined
  const isDone = 'done' in stamps
  const open: [PromiseKind, string | null | undefined, boolean][] = [
    ['acknowledge', incident.acknowledge_by, isTaken],
    ['respond', incident.respond_by, isThere || isDone],
    ['make_safe', incident.make_safe_by, 'made_safe' in stamps || isDone],
    ['restore', incident.restore_by, isDone],
  ]
  let next: NextPromise | null = null
  for (const [kind, by, isKept] of open) {
    if (!by || isKept) continue
    const dueAt = millis(by)
    if (next && next.dueAt <= dueAt) continue
    const lateMs = kind === 'respond' ? (timing(incident, visit, now)?.lateMs ?? 0) : now - dueAt
    next = { kind, dueAt, lateMs }
  }
  return next
}
