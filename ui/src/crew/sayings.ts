/** How the small things a crew does are said to the service: ticks, parts, files, signs of life. */
import { millis } from '../lib/format'
import type { LoneState, VisitState } from '../lib/types'
import type { Entry, Saying } from './outbox'

export function noteSaying(visit: VisitState, what: 'checks' | 'parts', body: Record<string, unknown>): Saying {
  return { visitId: visit.id, title: visit.brief.title, path: `/visits/${visit.id}/${what}`, body, word: `field.said.${what}` }
}

export function attachmentSaying(visit: VisitState, kind: 'photo' | 'signature' | 'audio', caption: string, at: number): Saying {
  const query = new URLSearchParams({ kind, taken_at: new Date(at).toISOString(), ...(caption && { caption }) })
  return { visitId: visit.id, title: visit.brief.title, path: `/visits/${visit.id}/attachments?${query}`, body: {}, word: `field.said.${kind}` }
}

export function watchSaying(visit: VisitState): Saying {
  return { visitId: visit.id, title: visit.brief.title, path: `/visits/${visit.id}/lone`, body: {}, word: 'field.alone.start' }
}

export function aliveSaying(watch: LoneState, ends: boolean): Saying {
  return { visitId: watch.visit_id, title: watch.place ?? watch.ref, path: `/lone/${watch.id}/alive`, body: { ends }, word: ends ? 'field.alone.end' : 'field.alone.well' }
}

/** When the last sign of life was given that still waits to be sent, in milliseconds; null without one. */
export function lastAlive(entries: readonly Entry[]): number | null {
  const given = entries.filter((entry) => entry.state === 'kept' && entry.path.endsWith('/alive')).map((entry) => millis(entry.at))
  return given.length > 0 ? Math.max(...given) : null
}
