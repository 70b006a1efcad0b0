/** What the service understands of the words so far. Asked a moment after the last keystroke; the last answer stays. */
import { ApiError, post } from '../../lib/api'
import type { Preview } from '../../lib/types'

const PAUSE_MS = 180

class Reading {
  answer = $state.raw<Preview | null>(null)
  /** The words that `answer` is about. */
  text = $state('')
  isOffline = $state(false)
  #timer: ReturnType<typeof setTimeout> | undefined
  #abort: AbortController | null = null

  ask(text: string, at: { lat: number; lon: number } | null): void {
    clearTimeout(this.#timer)
    if (text.trim().length < 3) {
      this.#abort?.abort()
      this.answer = null
      this.text = ''
      return
    }
    this.#timer = setTimeout(() => void this.#fetch(text, at), PAUSE_MS)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#abort?.abort()
  }

  async #fetch(text: string, at: { lat: number; lon: number } | null): Promise<void> {
    this.#abort?.abort()
    const abort = (this.#abort = new AbortController())
    try {
      this.answer = await post<Preview>('/reports/preview', at ? { text, place: at } : { text }, { signal: abort.signal })
      this.text = text
      this.isOffline = false
    } catch (error) {
      this.isOffline = error instanceof ApiError && error.isTransient
    }
  }
}

export const reading = new Reading()
