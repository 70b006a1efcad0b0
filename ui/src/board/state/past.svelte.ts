/**
 * Looking back: the board as everybody saw it at an instant, read only. What happens meanwhile is kept by the live topic
 * and shown again, whole, on the way back to the present.
 */
import { exactNow, holdClock } from '../../lib/clock.svelte'
import { ApiError, get, writeOnlyWhen } from '../../lib/api'
import type { Change } from '../../lib/live'
import { board } from './board.svelte'

export const MINUTE = 60_000
/** How far the slider reaches; the service can go back to its first day. */
export const REACH_MS = 12 * 60 * MINUTE
const SETTLE_MS = 120

class Past {
  /** The instant looked at; null is the present. */
  at = $state<number | null>(null)
  isLoading = $state(false)
  /** Nothing is known of that time, or nobody answered. */
  error = $state<ApiError | null>(null)
  #asked = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #showPresent: () => void = () => undefined

  constructor() {
    writeOnlyWhen(() => this.at === null)
  }

  /** Says how the present is put back on the board. */
  comesBackBy(showPresent: () => void): void {
    this.#showPresent = showPresent
  }

  /** Goes to an instant, to the minute; the present and later is the present. */
  go(at: number): void {
    const minute = Math.floor(at / MINUTE) * MINUTE
    if (minute >= Math.floor(exactNow() / MINUTE) * MINUTE) return this.leave()
    this.at = minute
    this.error = null
    this.isLoading = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#load(minute), SETTLE_MS)
  }

  step(minutes: number): void {
    this.go((this.at ?? exactNow()) + minutes * MINUTE)
  }

  leave(): void {
    clearTimeout(this.#timer)
    this.#asked += 1
    if (this.at === null) return
    this.at = null
    this.isLoading = false
    this.error = null
    holdClock(null)
    this.#showPresent()
  }

  async #load(at: number): Promise<void> {
    const mine = ++this.#asked
    try {
      const picture = await get<{ items: Change[] }>(`/board/past?at=${encodeURIComponent(new Date(at).toISOString())}`)
      if (mine !== this.#asked) return
      holdClock(at)
      board.replace(picture.items)
    } catch (error) {
      if (mine !== this.#asked) return
      this.error = error instanceof ApiError ? error : new ApiError({ status: 0, code: 'offline' })
    }
    this.isLoading = false
  }
}

export const past = new Past()
