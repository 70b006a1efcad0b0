/**
 * Carrying a visit to a place on the timeline: by mouse, by a finger held still for a moment, or by keys. Prices of every
 * place are asked once at the start, and again when the plan turns meanwhile. Nothing is sent before it is let go.
 */
import { millis } from '../../lib/format'
import { t } from '../../lib/i18n.svelte'
import { showToast } from '../../lib/toast.svelte'
import type { IncidentState, Move, MovePlace, VisitState } from '../../lib/types'
import { moveToPlace } from '../commands/actions'
import { refusalWords } from '../drawer/words'
import { board } from '../state/board.svelte'
import { isMovable } from '../state/model'
import { view } from '../state/view.svelte'
import { nearestPlace, prices } from './prices.svelte'

const THRESHOLD_PX = 6
const HOLD_MS = 350
const ASK_MS = 60
/** Where the drawer stands beside the timeline and not above it. */
const WIDE_PX = 1000

export interface Carried { incident: IncidentState; visit: VisitState | undefined; by: 'pointer' | 'keys'; x: number; y: number; crewId: string | null; position: number | null }

class Drag {
  carried = $state.raw<Carried | null>(null)

  /** The place under the hand. */
  place = $derived.by<MovePlace | undefined>(() => {
    const { crewId, position } = this.carried ?? {}
    return crewId ? prices.of(crewId)?.places.find((one) => one.position === position) : undefined
  })
  /** Its whole price, once known. */
  move = $derived.by<Move | undefined>(() => (this.carried?.crewId && this.place ? prices.detail(this.carried.crewId, this.place.position) : undefined))

  begin(incident: IncidentState, visit: VisitState | undefined, by: Carried['by'], x = 0, y = 0): void {
    this.carried = { incident, visit, by, x, y, crewId: null, position: null }
    if (innerWidth >= WIDE_PX) view.select(incident.id)
    void prices.load(incident.id).then(() => {
      if (by !== 'keys' || this.carried?.incident.id !== incident.id) return
      const first = prices.found?.crews[0]?.best
      const here = prices.found?.crews.flatMap((crew) => crew.places.filter((one) => one.is_here).map((one) => ({ crew_id: crew.best.crew_id, position: one.position })))[0]
      const start = here ?? first
      if (start) this.aim(start.crew_id, start.position)
    })
  }

  aim(crewId: string | null, position: number | null, x?: number, y?: number): void {
    if (!this.carried) return
    this.carried = { ...this.carried, crewId, position, x: x ?? this.carried.x, y: y ?? this.carried.y }
    clearTimeout(this.#asking)
    if (crewId !== null && position !== null) this.#asking = setTimeout(() => void prices.ask(crewId, position), ASK_MS)
  }

  async drop(): Promise<void> {
    const { carried, place } = this
    const version = prices.found?.plan_version
    const rules = carried?.crewId ? (this.move ?? prices.of(carried.crewId)?.best)?.broken ?? [] : []
    this.carried = null
    if (!carried?.crewId) return
    if (!place || version === undefined) showToast({ kind: 'problem', text: prices.problem ?? t('drag.no_price') })
    else if (!place.is_lawful) showToast({ kind: 'problem', text: t('drag.broken', { crew: board.crews.get(carried.crewId)?.name, rules: rules.map(refusalWords).join(', ') }) })
    else if (!place.is_here) await moveToPlace(carried.incident, carried.visit, { crewId: carried.crewId, position: place.position }, version)
  }

  cancel(): void {
    this.carried = null
  }

  #asking: ReturnType<typeof setTimeout> | undefined
}

export const drag = new Drag()

/** What the timeline knows of its own picture: which instant lies under a pixel, and how to scroll on near an edge. */
export const picture = { at: (_clientX: number): number => 0, scrollNear: (_clientY: number): void => {} }

export function startDrag(down: PointerEvent, incident: IncidentState, visit: VisitState | undefined): void {
  if (down.button !== 0 || (visit && !isMovable(visit))) return
  const abort = new AbortController()
  const { signal } = abort
  const byFinger = down.pointerType !== 'mouse'
  let started = false
  let hand = { x: down.clientX, y: down.clientY }
  const start = (): void => {
    started = true
    drag.begin(incident, visit, 'pointer', hand.x, hand.y)
    requestAnimationFrame(onFrame)
    if (byFinger) navigator.vibrate?.(15)
  }
  // A finger that moves at once scrolls; one that holds still picks up.
  const holding = byFinger ? setTimeout(start, HOLD_MS) : undefined

  function stop(): void {
    clearTimeout(holding)
    abort.abort()
  }
  function onMove(event: PointerEvent): void {
    if (!started) {
      if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < THRESHOLD_PX) return
      if (byFinger) return stop()
      start()
    }
    hand = { x: event.clientX, y: event.clientY }
    look()
  }
  function look(): void {
    const row = document.elementFromPoint(hand.x, hand.y)?.closest<HTMLElement>('[data-crew]')
    const crewId = row?.dataset.crew ?? null
    const places = (crewId && prices.of(crewId)?.places) || []
    const position = nearestPlace(places, picture.at(hand.x))?.position ?? null
    const { carried } = drag
    if (carried && (carried.crewId !== crewId || carried.position !== position || carried.x !== hand.x || carried.y !== hand.y)) drag.aim(crewId, position, hand.x, hand.y)
  }
  // A hand that keeps still must see prices that come, turn or scroll under it: it looks again at each picture.
  function onFrame(): void {
    if (signal.aborted) return
    picture.scrollNear(hand.y)
    look()
    requestAnimationFrame(onFrame)
  }
  function onUp(): void {
    stop()
    if (!started) return
    // The click that ends a drag must not also select what lies under it.
    const swallow = (event: MouseEvent) => event.stopPropagation()
    window.addEventListener('click', swallow, { capture: true, once: true })
    setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 50)
    void drag.drop()
  }
  function onCancel(): void {
    stop()
    drag.cancel()
  }
  function onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !started) return
    event.stopPropagation()
    onCancel()
  }
  window.addEventListener('pointermove', onMove, { signal })
  window.addEventListener('pointerup', onUp, { signal })
  window.addEventListener('pointercancel', onCancel, { signal })
  window.addEventListener('keydown', onKey, { signal, capture: true })
  // Not passive: once something is carried, the page must not scroll away under the finger.
  window.addEventListener('touchmove', (event) => started && event.preventDefault(), { signal, passive: false })
  window.addEventListener('contextmenu', (event) => byFinger && event.preventDefault(), { signal })
}

/** Picks up by keys: arrows choose crew and place, Enter lets go, Escape gives up. */
export function pickUp(incident: IncidentState, visit: VisitState | undefined, crewIds: () => string[]): void {
  if (visit && !isMovable(visit)) {
    showToast({ kind: 'info', text: t('why_not.under_way') })
    return
  }
  const back = document.activeElement as HTMLElement | null
  drag.begin(incident, visit, 'keys')
  const abort = new AbortController()
  function stop(): void {
    abort.abort()
    back?.focus({ preventScroll: true })
  }
  function onKey(event: KeyboardEvent): void {
    const { carried } = drag
    if (!carried || carried.by !== 'keys') return stop()
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (event.key === 'Escape') (drag.cancel(), stop())
    else if (event.key === 'Enter') (stop(), void drag.drop())
    else if (event.key === 'Home') aimAt(prices.found?.crews[0]?.best)
    else if (step !== undefined) aimAt(besideCrew(crewIds(), step))
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') aimAt(besidePlace(event.key === 'ArrowLeft' ? -1 : 1))
    else if (event.key.length > 1) return
    event.preventDefault()
    event.stopPropagation()
  }
  window.addEventListener('keydown', onKey, { signal: abort.signal, capture: true })
  window.addEventListener('pointerdown', () => (drag.cancel(), stop()), { signal: abort.signal, capture: true })
}

const aimAt = (spot: { crew_id: string; position: number } | undefined): void => void (spot && drag.aim(spot.crew_id, spot.position))

function besideCrew(crewIds: string[], step: number): { crew_id: string; position: number } | undefined {
  const priced = crewIds.filter((id) => prices.of(id))
  const at = priced.indexOf(drag.carried?.crewId ?? '')
  const crew = priced[Math.min(priced.length - 1, Math.max(0, at + step))]
  const places = crew ? prices.of(crew)?.places ?? [] : []
  const place = drag.place ? nearestPlace(places, millis(drag.place.start_at)) : places[0]
  return crew && place ? { crew_id: crew, position: place.position } : undefined
}

function besidePlace(step: number): { crew_id: string; position: number } | undefined {
  const { crewId, position } = drag.carried ?? {}
  const places = crewId ? prices.of(crewId)?.places ?? [] : []
  const at = places.findIndex((one) => one.position === position)
  const place = places[Math.min(places.length - 1, Math.max(0, at + step))]
  return crewId && place ? { crew_id: crewId, position: place.position } : undefined
}
