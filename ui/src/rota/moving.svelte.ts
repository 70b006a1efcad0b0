/** A turn in hand: where it may go, and what each place costs, breaks and does to fairness, before it is dropped. */
import { ApiError, get, post } from '../lib/api'
import { explainError } from '../lib/errors'
import { t } from '../lib/i18n.svelte'
import { showToast } from '../lib/toast.svelte'
import type { TurnMoves, TurnPrice, RotaView } from '../lib/types'
import { plan } from './plan.svelte'
import { places, placeKey, toward, type Place } from './places'
import type { Duty } from './table'

class Moving {
  duty = $state.raw<Duty | null>(null)
  target = $state<string | null>(null)
  isDropping = $state(false)
  private edition = 0
  private prices = $state.raw<ReadonlyMap<string, TurnPrice>>(new Map())

  places = $derived(this.duty && plan.rota ? places(plan.sections, this.prices, this.duty) : [])
  price = $derived(this.target ? (this.prices.get(this.target) ?? null) : null)

  /** Takes a turn up; its prices come in one answer, so that nothing waits while it moves. */
  async begin(duty: Duty, wantsTarget = false): Promise<void> {
    this.duty = duty
    this.target = null
    this.prices = new Map()
    try {
      const found = await get<TurnMoves>(`/oncall/duties/${duty.id}/moves`)
      if (this.duty !== duty) return
      this.edition = found.edition
      this.prices = new Map(found.prices.map((one) => [placeKey(one, duty), one]))
      if (wantsTarget) this.target = (this.places.find((one) => one.lawful) ?? this.places[0])?.key ?? null
    } catch (error) {
      this.cancel()
      showToast({ text: explainError(error), kind: 'problem' })
    }
  }

  over(key: string | null): void {
    this.target = key && this.prices.has(key) ? key : null
  }

  lawful(key: string): boolean | null {
    return this.duty ? (this.prices.get(key)?.lawful ?? null) : null
  }

  step(x: number, y: number): void {
    const here = this.places.find((one) => one.key === this.target) ?? null
    const next: Place | null = toward(this.places, here, x, y)
    if (next) this.target = next.key
  }

  async drop(): Promise<void> {
    const { price, duty } = this
    if (!price || !duty || !price.lawful || this.isDropping || !plan.rota) return
    this.isDropping = true
    try {
      const handovers = price.handovers.map(({ duty_id, from_id, to_id }) => ({ duty_id, from_id, to_id }))
      plan.rota = await post<RotaView>(`/rotas/${plan.rota.id}/moves`, { edition: this.edition, handovers })
      plan.selected = null
      showToast({ text: t('rota.move.done') })
      this.cancel()
    } catch (error) {
      const isStale = error instanceof ApiError && error.status === 412
      showToast({ text: isStale ? t('rota.move.stale') : explainError(error), kind: 'problem' })
      this.cancel()
      if (isStale) await plan.reread()
    } finally {
      this.isDropping = false
    }
  }

  cancel(): void {
    this.duty = null
    this.target = null
    this.prices = new Map()
  }
}

export const moving = new Moving()
