/** « Besoin d'aide »: which kinds a visit allows, and how each is said to the service. */
import type { HelpKind, VisitState, VisitStatus } from '../lib/types'
import type { Saying } from './outbox'

const THERE: ReadonlySet<VisitStatus> = new Set(['on_site', 'paused'])
const COMMITTED: ReadonlySet<VisitStatus> = new Set(['en_route', 'on_site', 'paused'])

export const MORE_MINUTES = [15, 30, 60] as const
export const LEFT_MINUTES = [30, 60, 120] as const

export interface Help { need: HelpKind; minutes?: number; note?: string; stays?: boolean; phone?: string }

/** Kinds of help that make sense now; the service judges again. */
export function helpFor(state: VisitStatus): HelpKind[] {
  const kinds: HelpKind[] = ['expert']
  if (COMMITTED.has(state)) kinds.push('second_crew', 'more_time')
  if (THERE.has(state)) kinds.push('part_missing', 'made_safe')
  return kinds
}

/** The visit's state after it, as the service will have it. */
function leadsTo(help: Help): VisitStatus | undefined {
  if (help.need === 'made_safe') return 'incomplete'
  if (help.need === 'part_missing') return help.stays ? 'paused' : 'incomplete'
  return undefined
}

export function helpOf(visit: VisitState, help: Help): Saying {
  return {
    visitId: visit.id, title: visit.brief.title, path: `/visits/${visit.id}/help`, body: { ...help },
    word: `field.help.said.${help.need}`, params: { n: help.minutes ?? 0 }, to: leadsTo(help),
  }
}

/** Help that ends the visit or sends others out may be taken back for a moment. */
export const isWeighty = (help: Help): boolean => help.need === 'second_crew' || leadsTo(help) === 'incomplete'
