/**
 * Saying how long a visit takes: by dragging the end of its bar, or by keys (`l`). Each length shows its price before
 * anything is sent; what is let go is one command.
 */
import { get } from '../../lib/api'
import { explainError } from '../../lib/errors'
import { MINUTE, millis } from '../../lib/format'
import { t } from '../../lib/i18n.svelte'
import { showToast } from '../../lib/toast.svelte'
import type { LengthPrice, VisitState } from '../../lib/types'
import { setLength } from '../commands/actions'
import { refusalWords } from '../drawer/words'
import { board } from '../state/board.svelte'
import { isActive } from '../state/model'
import { picture } from './drag.svelte'

const STEP_MIN = 5
const LEAST_MIN = 5
const MOST_MIN = 720
const ASK_MS = 60

interface Held { visit: VisitState; minutes: number; by: 'pointer' | 'keys' }

class Stretch {
  held = $state.raw<Held | null>(null)
  /** The price of the length under the hand; the last one stays until the next is known. */
  price = $state.raw<LengthPrice | null>(null)
  problem = $state<string | null>(null)
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Whether the price on screen is that of the length in the hand. */
  get isPriced(): boolean {
    return this.held !== null && this.price?.visit_id === this.held.visit.id && this.price.duration_s === this.held.minutes * 60
  }

  begin(visit: VisitState, by: Held['by']): void {
    this.price = null
    this.problem = null
    this.held = { visit, minutes: Math.round(visit.duration_s / 60), by }
    this.#ask()
  }

  to(minutes: number): void {
    if (!this.held) return
    const wanted = Math.max(LEAST_MIN, Math.min(MOST_MIN, Math.round(minutes / STEP_MIN) * STEP_MIN))
    if (wanted === this.held.minutes) return
    this.held = { ...this.held, minutes: wanted }
    this.#ask()
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.held = null
    this.price = null
  }

  async drop(): Promise<void> {
    const { held } = this
    if (!held) return
    const price = this.isPriced ? this.price : await this.#load(held)
    this.cancel()
    if (held.minutes * 60 === held.visit.duration_s) return
    if (!price) showToast({ kind: 'problem', text: this.problem ?? t('drag.no_price') })
    else if (!price.is_lawful) showToast({ kind: 'problem', text: t('stretch.broken', { rules: price.broken.map(refusalWords).join(', ') }) })
    else await setLength(held.visit, held.minutes, price.plan_version)
  }

  #ask(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void (this.held && this.#load(this.held)), ASK_MS)
  }

  async #load({ visit, minutes }: Held): Promise<LengthPrice | null> {
    try {
      const found = await get<LengthPrice>(`/visits/${visit.id}/length?minutes=${minutes}`)
      if (this.held?.visit.id === visit.id && this.held.minutes === minutes) this.price = found
      return found
    } catch (error) {
      this.problem = explainError(error)
      return null
    }
  }
}

export const stretch = new Stretch()

export const mayStretch = (visit: VisitState): boolean => isActive(visit) && visit.start_at !== null

export function startStretch(down: PointerEvent, visit: VisitState): void {
  if (down.button !== 0 || !mayStretch(visit)) return
  down.stopPropagation()
  down.preventDefault()
  const startAt = millis(visit.stamps.on_site ?? visit.start_at!)
  const abort = new AbortController()
  const { signal } = abort
  stretch.begin(visit, 'pointer')
  window.addEventListener('pointermove', (event) => stretch.to((picture.at(event.clientX) - startAt) / MINUTE), { signal })
  window.addEventListener('pointerup', () => (abort.abort(), swallowClick(), void stretch.drop()), { signal })
  window.addEventListener('pointercancel', () => (abort.abort(), stretch.cancel()), { signal })
  window.addEventListener('touchmove', (event) => event.preventDefault(), { signal, passive: false })
  window.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    abort.abort()
    stretch.cancel()
  }, { signal, capture: true })
}

/** The click that ends a drag must not also select what lies under it. */
function swallowClick(): void {
  const swallow = (event: MouseEvent) => event.stopPropagation()
  window.addEventListener('click', swallow, { capture: true, once: true })
  setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 50)
}

/** Picks up the end by keys: arrows by five minutes, with Shift by a quarter of an hour, Enter says it, Escape gives up. */
export function stretchByKeys(visit: VisitState): void {
  if (!mayStretch(visit)) return
  const abort = new AbortController()
  stretch.begin(visit, 'keys')
  function onKey(event: KeyboardEvent): void {
    const { held } = stretch
    if (!held) return abort.abort()
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key]
    if (event.key === 'Escape') (abort.abort(), stretch.cancel())
    else if (event.key === 'Enter') (abort.abort(), void stretch.drop())
    else if (step !== undefined) stretch.to(held.minutes + step * (event.shiftKey ? 15 : STEP_MIN))
    else if (event.key.length > 1) return
    event.preventDefault()
    event.stopPropagation()
  }
  window.addEventListener('keydown', onKey, { signal: abort.signal, capture: true })
  window.addEventListener('pointerdown', () => (abort.abort(), stretch.cancel()), { signal: abort.signal, capture: true })
}

/** Work that ended or was taken away meanwhile cannot be held. */
export function letGoOfWhatIsGone(): void {
  const { held } = stretch
  if (held && !mayStretch(board.visits.get(held.visit.id) ?? { ...held.visit, state: 'cancelled' })) stretch.cancel()
}
