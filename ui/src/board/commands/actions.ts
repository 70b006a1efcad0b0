/**
 * What a dispatcher can do, each as one call to the service, one sentence afterwards, and one way back for 30 s.
 * Nothing is changed on screen here: the change comes back through the live feed, for everybody at once.
 */
import { ApiError, get, newKey, patch, post, put } from '../../lib/api'
import { explainError } from '../../lib/errors'
import { MINUTE, duration, moment } from '../../lib/format'
import { exactNow } from '../../lib/clock.svelte'
import { hasMessage, t } from '../../lib/i18n.svelte'
import { showToast, type ToastIn } from '../../lib/toast.svelte'
import type { CrewState, IncidentState, IncidentStatus, Move, Offer, Priority, ProposalState, TuningIn, VisitState, VisitStatus } from '../../lib/types'
import { priceWords } from '../drawer/words'
import { board } from '../state/board.svelte'
import { focus } from '../state/focus.svelte'
import { isMovable } from '../state/model'

async function attempt(work: () => Promise<ToastIn | null>): Promise<boolean> {
  try {
    const toast = await work()
    if (toast) showToast(toast)
    return true
  } catch (error) {
    showToast({ kind: 'problem', text: explainError(error) })
    return false
  }
}

const undo = (run: () => Promise<unknown>) => ({ label: t('action.undo'), key: 'u', run: async () => void (await run()) })

export function acceptOffer(incident: IncidentState, offer: Offer, planVersion: number): Promise<boolean> {
  return attempt(async () => {
    try {
      const body = { crew_id: offer.crew_id, plan_version: planVersion, position: offer.position }
      const { visit } = await post<{ visit: VisitState }>(`/incidents/${incident.id}/accept`, body, { idempotencyKey: newKey() })
      const params = { title: incident.title, crew: offer.crew, at: moment(visit.start_at ?? offer.start_at, exactNow()) }
      return { text: t('did.assigned', params), action: undo(() => unassign(visit, false)) }
    } catch (error) {
      // Somebody or the planner was faster: show the new prices instead of an error about a version number.
      if (error instanceof ApiError && error.status === 409) void focus.loadOffers(incident.id)
      throw error
    }
  })
}

export function unassign(visit: VisitState, announced = true): Promise<boolean> {
  return attempt(async () => {
    await post(`/visits/${visit.id}/unassign`, {}, { idempotencyKey: newKey() })
    return { text: t(announced ? 'did.unassigned' : 'did.undone', { title: visit.brief.title }), kind: announced ? 'done' : 'info' }
  })
}

export interface Spot { crewId: string; position: number }

/**
 * Puts a visit, or an incident that waits, at a place of a crew in one command. When the plan has turned since its price
 * was read, nothing is moved: the new price is shown, and one button away.
 */
export async function moveToPlace(incident: IncidentState, visit: VisitState | undefined, spot: Spot, planVersion: number): Promise<boolean> {
  const from = visit && spotOf(visit)
  return attempt(async () => {
    try {
      const body = { crew_id: spot.crewId, position: spot.position, exact: true, plan_version: planVersion }
      const { visit: moved, plan_version } = await post<{ visit: VisitState; plan_version: number }>(`/incidents/${incident.id}/accept`, body, { idempotencyKey: newKey() })
      const params = { title: incident.title, crew: board.crews.get(spot.crewId)?.name, at: moment(moved.start_at ?? 0, exactNow()) }
      const back = from ? () => putBack(incident, moved, from, plan_version) : () => unassign(moved, false)
      return { text: t('did.assigned', params), action: undo(back) }
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'plan_changed') throw error
      const fresh = await get<Move>(`/incidents/${incident.id}/moves/${spot.crewId}?position=${spot.position}`)
      const params = { crew: fresh.crew, at: moment(fresh.start_at, exactNow()), price: priceWords(fresh.price) }
      if (!fresh.is_lawful) return { kind: 'problem' as const, text: t('drag.conflict_lost', { crew: fresh.crew }) }
      return { kind: 'problem' as const, text: t('drag.conflict', params), action: { label: t('drag.move_anyway'), run: async () => void (await moveToPlace(incident, visit, spot, fresh.plan_version)) } }
    }
  })
}

/** Where a planned visit stands among its crew's stops that have not begun, itself not counted. */
function spotOf(visit: VisitState): Spot {
  const stops = (board.visitsByCrew.get(visit.crew_id) ?? []).filter((one) => isMovable(one) && one.position < visit.position)
  return { crewId: visit.crew_id, position: stops.length }
}

function putBack(incident: IncidentState, visit: VisitState, from: Spot, planVersion: number): Promise<boolean> {
  return attempt(async () => {
    await post(`/incidents/${incident.id}/accept`, { crew_id: from.crewId, position: from.position, exact: true, plan_version: planVersion }, { idempotencyKey: newKey() })
    return { text: t('did.undone', { title: visit.brief.title }), kind: 'info' }
  })
}

/** Says how long a visit takes; what follows on its crew's route moves with it. */
export function setLength(visit: VisitState, minutes: number, planVersion?: number): Promise<boolean> {
  const before = Math.round(visit.duration_s / 60)
  return attempt(async () => {
    await put(`/visits/${visit.id}/length`, { minutes, ...(planVersion !== undefined && { plan_version: planVersion }) })
    const said = { title: visit.brief.title, span: duration(minutes * MINUTE) }
    return { text: t('did.length_set', said), action: undo(() => attempt(async () => (await put(`/visits/${visit.id}/length`, { minutes: before }), { text: t('did.undone', { title: visit.brief.title }), kind: 'info' as const }))) }
  })
}

export function togglePin(visit: VisitState): Promise<boolean> {
  const before = visit.pin
  const pin = before ? null : 'crew'
  return attempt(async () => {
    await post(`/visits/${visit.id}/pin`, { pin })
    const back = undo(() => attempt(async () => (await post(`/visits/${visit.id}/pin`, { pin: before }), { text: t('did.undone', { title: visit.brief.title }), kind: 'info' as const })))
    return { text: t(pin ? 'did.pinned' : 'did.unpinned', { title: visit.brief.title }), action: back }
  })
}

export function acknowledge(incident: IncidentState): Promise<boolean> {
  return attempt(async () => {
    await post(`/incidents/${incident.id}/acknowledge`)
    return { text: t('did.acknowledged', { title: incident.title }) }
  })
}

export function moveIncident(incident: IncidentState, to: IncidentStatus, reason?: string): Promise<boolean> {
  return attempt(async () => {
    await post(`/incidents/${incident.id}/transitions`, reason ? { to, reason } : { to })
    return { text: t('did.incident_moved', { title: incident.title, state: t(`incident.${to}`) }) }
  })
}

export function moveVisit(visit: VisitState, to: VisitStatus, reason?: string): Promise<boolean> {
  return attempt(async () => {
    await post(`/visits/${visit.id}/transitions`, reason ? { to, reason } : { to }, { idempotencyKey: newKey() })
    return { text: t('did.visit_moved', { title: visit.brief.title, state: t(`visit.${to}`) }) }
  })
}

export function addNote(incident: IncidentState, text: string, idempotencyKey: string): Promise<boolean> {
  return attempt(async () => {
    await post(`/incidents/${incident.id}/notes`, { text }, { idempotencyKey })
    void focus.loadDetail(incident.id)
    return { text: t('did.noted', { title: incident.title }) }
  })
}

/** Sets the class on a version that somebody saw; `stale` when a colleague was faster, with what he wrote then on screen. */
export async function overridePriority(incident: IncidentState, override: { priority: Priority | null; reason: string }, seen: string): Promise<'done' | 'stale' | 'failed'> {
  try {
    await patch(`/incidents/${incident.id}`, { override }, { ifMatch: seen })
    showToast({ text: t(override.priority ? 'did.overridden' : 'did.override_lifted', { title: incident.title, priority: override.priority }) })
    return 'done'
  } catch (error) {
    if (error instanceof ApiError && error.status === 412) {
      await focus.loadDetail(incident.id)
      return 'stale'
    }
    showToast({ kind: 'problem', text: explainError(error) })
    return 'failed'
  }
}

export function acceptProposal(proposal: ProposalState, lines?: string[]): Promise<boolean> {
  return attempt(async () => {
    await post(`/proposals/${proposal.id}/accept`, lines ? { lines } : {}, { idempotencyKey: newKey() })
    return { text: t('did.proposal_accepted', { n: lines?.length ?? proposal.lines.length }), action: undo(() => undoProposal(proposal)) }
  })
}

/** Gives back what a proposal moved, taken by hand or applied by itself; refused once something of it has moved on. */
export function undoProposal(proposal: ProposalState): Promise<boolean> {
  return attempt(async () => {
    try {
      await post(`/proposals/${proposal.id}/undo`)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const { reason, ref } = error.params
      if (hasMessage(`undo.${reason}`)) return { kind: 'problem' as const, text: t(`undo.${reason}`, { ref: String(ref ?? '') }) }
      if (hasMessage(`rule.${reason}`)) return { kind: 'problem' as const, text: t('undo.rule', { rule: t(`rule.${reason}`) }) }
      throw error
    }
    return { text: t('did.proposal_undone', { n: proposal.lines.length }), kind: 'info' as const }
  })
}

export function keepProposal(proposal: ProposalState): Promise<boolean> {
  return attempt(async () => (await post(`/proposals/${proposal.id}/keep`), null))
}

export function setOut(crew: CrewState, until: string | null, reason: string | null): Promise<boolean> {
  return attempt(async () => {
    await put(`/crews/${crew.id}/out`, { until, reason })
    return { text: until ? t('did.out', { crew: crew.name, at: moment(until, exactNow()) }) : t('did.back', { crew: crew.name }) }
  })
}

export function tunePlanner(wanted: TuningIn): Promise<boolean> {
  return attempt(async () => {
    await put('/plan/settings', wanted)
    return { text: t('did.tuned') }
  })
}

export function rejectProposal(proposal: ProposalState, reason: string): Promise<boolean> {
  return attempt(async () => {
    await post(`/proposals/${proposal.id}/reject`, { reason })
    return { text: t('did.proposal_rejected') }
  })
}
