/**
 * What the crew has said and the service may not know yet. Entries are sent in the order they were made, each with the
 * time of the phone and a key that makes a repeat harmless; a lost network only stops the queue, a refusal is kept in
 * sight and the queue goes on. Knows nothing of the page or of storage.
 */
import { ApiError } from '../lib/api'
import type { VisitState, VisitStatus } from '../lib/types'

/** What a crew can say: where the request goes, and what it does to the visit as the crew sees it. */
export interface Saying {
  visitId: string
  title: string
  /** Path and body of the request; the body of a blob is the blob itself, kept apart under the entry's key. */
  path: string
  body: Record<string, unknown>
  /** Key of the words that name it, and what fills them. */
  word: string
  params?: Record<string, string | number>
  /** State that the visit reaches with it. */
  to?: VisitStatus
  hasBlob?: boolean
}

export interface Entry extends Saying {
  /** Idempotency key. */
  key: string
  /** When it happened, on the service's clock as the phone knew it. */
  at: string
  state: 'kept' | 'sent' | 'refused'
  /** Code of the refusal. */
  problem?: string
  /** Wall clock before which it is not sent, so that it can be taken back. */
  holdUntil?: number
}

export type Send = (entry: Entry) => Promise<unknown>
export type Outcome = 'empty' | 'held' | 'offline' | 'signed_out'

const KEEP_DONE = 6

/** A move of a visit, as the crew says it. */
export function moveOf(visit: VisitState, to: VisitStatus, reason?: string): Saying {
  return {
    visitId: visit.id, title: visit.brief.title, path: `/visits/${visit.id}/transitions`,
    body: { to, ...(reason && { reason }) }, word: `visit.${to}`, to,
  }
}

/** Visits as they will be once everything kept has arrived. */
export function withEntries(visits: readonly VisitState[], entries: readonly Entry[]): VisitState[] {
  return visits.map((visit) => {
    const mine = entries.filter((entry) => entry.state === 'kept' && entry.visitId === visit.id)
    return mine.reduce((seen, { to, at }) => (to ? { ...seen, state: to, stamps: { ...seen.stamps, [to]: at } } : seen), visit)
  })
}

export function waiting(entries: readonly Entry[]): Entry[] {
  return entries.filter((entry) => entry.state === 'kept')
}

/** Forgets the oldest entries that were settled; never one that still waits. */
export function trim(entries: readonly Entry[]): Entry[] {
  const settled = entries.filter((entry) => entry.state !== 'kept')
  const gone = new Set(settled.slice(0, Math.max(0, settled.length - KEEP_DONE)))
  return entries.filter((entry) => !gone.has(entry))
}

/**
 * Sends what waits, in order, and tells every change of an entry.
 * `empty`: nothing left. `held`: the first one may still be taken back. `offline`: try again later, nothing is lost.
 */
export async function replay(entries: readonly Entry[], send: Send, settle: (entry: Entry) => void, wall: () => number): Promise<Outcome> {
  for (const entry of waiting(entries)) {
    if (entry.holdUntil && entry.holdUntil > wall()) return 'held'
    try {
      await send(entry)
      settle({ ...entry, state: 'sent' })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.status === 401) return 'signed_out'
      // A 500 may be cured by a restart: the report of a crew is not thrown away for it.
      if (error.isTransient || error.status >= 500) return 'offline'
      settle({ ...entry, state: 'refused', problem: error.code })
    }
  }
  return 'empty'
}
