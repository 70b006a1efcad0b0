/** What the service understands of the words so far. Asked a moment after the last keystroke; the last answer stays. */
import { ApiError, post } from '../../lib/api'
import type { Preview } from '../../lib/types'

const PAUSE_MS = 180

/** The words, and what a person corrected: the score and the neighbours then follow the correction. */
export interface Asked { text: string; category: string | null; at: { lat: number; lon: number; address?: string } | null }

class Reading {
  answer = $state.raw<Preview | null>(null)
  /** The words that `answer` is about. */
  text = $state('')
  isOffline = $state(false)
  #timer: ReturnType<typeof setTimeout> | undefined
  #abort: AbortController | null = null

  ask({ text, category, at }: Asked): void {
    clearTimeout(this.#timer)
    if (text.trim().length < 3) {
      this.#abort?.abort()
      this.answer = null
      this.text = ''
      return
    }
    this.#timer = setTimeout(() => void this.#fetch({ text, category, at }), PAUSE_MS)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#abort?.abort()
  }

  async #fetch({ text, category, at }: Asked): Promise<void> {
    this.#abort?.abort()
    const abort = (this.#abort = new AbortController())
    try {
      this.answer = await post<Preview>('/reports/preview', { text, ...(category && { category }), ...(at && { place: at }) }, { signal: abort.signal })
      this.text = text
      this.isOffline = false
    } catch (error) {
      this.isOffline = error instanceof ApiError && error.isTransient
    }
  }
}

export const reading = new Reading()
