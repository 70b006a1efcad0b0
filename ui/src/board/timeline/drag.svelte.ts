/** Carrying an incident to a crew with the pointer. The price of every crew comes from the offers, asked once at the start. */
import { t } from '../../lib/i18n.svelte'
import { refusalWords } from '../drawer/words'
import { showToast } from '../../lib/toast.svelte'
import type { IncidentState, Offer, Refusal, VisitState } from '../../lib/types'
import { moveTo } from '../commands/actions'
import { focus } from '../state/focus.svelte'
import { isMovable } from '../state/model'
import { view } from '../state/view.svelte'

const THRESHOLD_PX = 6

export interface Carried { incident: IncidentState; visit: VisitState | undefined; x: number; y: number; crewId: string | null }

class Drag {
  carried = $state.raw<Carried | null>(null)

  offerOf(crewId: string): Offer | undefined {
    if (focus.offersFor !== this.carried?.incident.id) return undefined
    return focus.offers?.offers.find((one) => one.crew_id === crewId)
  }
  refusalOf(crewId: string): Refusal | undefined {
    if (focus.offersFor !== this.carried?.incident.id) return undefined
    return focus.offers?.refusals.find((one) => one.crew_id === crewId)
  }
}

export const drag = new Drag()

export function startDrag(down: PointerEvent, incident: IncidentState, visit: VisitState | undefined): void {
  if (down.button !== 0 || down.pointerType !== 'mouse' || (visit && !isMovable(visit))) return
  let started = false
  const abort = new AbortController()
  const { signal } = abort

  function onMove(event: PointerEvent): void {
    if (!started) {
      if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < THRESHOLD_PX) return
      started = true
      view.select(incident.id)
      void focus.loadOffers(incident.id)
    }
    const row = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>('[data-crew]')
    drag.carried = { incident, visit, x: event.clientX, y: event.clientY, crewId: row?.dataset.crew ?? null }
  }
  function stop(): void {
    abort.abort()
    drag.carried = null
  }
  function onUp(): void {
    const crewId = drag.carried?.crewId ?? null
    const offer = crewId ? drag.offerOf(crewId) : undefined
    const refusal = crewId ? drag.refusalOf(crewId) : undefined
    const version = focus.offers?.plan_version
    stop()
    if (!started || crewId === null || crewId === visit?.crew_id) return
    // The click that ends a drag must not also select what lies under it.
    const swallow = (event: MouseEvent) => event.stopPropagation()
    window.addEventListener('click', swallow, { capture: true, once: true })
    setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 50)
    if (offer && version !== undefined) void moveTo(incident, visit, offer, version)
    else if (refusal) showToast({ kind: 'problem', text: `${t('offers.not', { crew: refusal.crew })} ${refusalWords(refusal)}` })
    else showToast({ kind: 'problem', text: t('drag.no_price') })
  }
  function onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !started) return
    event.stopPropagation()
    stop()
  }
  window.addEventListener('pointermove', onMove, { signal })
  window.addEventListener('pointerup', onUp, { signal })
  window.addEventListener('pointercancel', stop, { signal })
  window.addEventListener('keydown', onKey, { signal, capture: true })
}
