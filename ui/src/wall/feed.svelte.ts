/**
 * Asks the service for the wall every few seconds, for days: a screen nobody touches must come back by itself from
 * every loss of network, and say how old it is meanwhile. What is on screen stays until something newer comes.
 */
import type { Wall } from '../lib/types'

export const EVERY_MS = 4_000
const PATIENCE_MS = 10_000
const LONGEST_MS = 30_000
/** Older than this it is no longer « en direct ». */
export const FRESH_MS = 15_000

export type Trouble = 'shut' | 'away' | null
type Ask = (signal: AbortSignal) => Promise<Response>

export class WallFeed {
  picture = $state.raw<Wall | null>(null)
  /** Milliseconds of the page's own clock when the newest picture came. */
  heardAt = $state<number | null>(null)
  trouble = $state<Trouble>(null)
  #timer: ReturnType<typeof setTimeout> | undefined
  #failures = 0
  #isAsking = false
  #isStopped = true

  constructor(private ask: Ask, private clock: () => number = () => performance.now()) {}

  start(): () => void {
    this.#isStopped = false
    void this.#look()
    const online = (): void => this.nudge()
    globalThis.addEventListener?.('online', online)
    return () => {
      this.#isStopped = true
      clearTimeout(this.#timer)
      globalThis.removeEventListener?.('online', online)
    }
  }

  /** Asks at once: the network is back, or the board has just heard of something. */
  nudge(): void {
    if (this.#isAsking || this.#isStopped) return
    clearTimeout(this.#timer)
    void this.#look()
  }

  async #look(): Promise<void> {
    this.#isAsking = true
    const abort = new AbortController()
    const late = setTimeout(() => abort.abort(), PATIENCE_MS)
    try {
      const answer = await this.ask(abort.signal)
      if (!answer.ok) throw answer
      this.picture = (await answer.json()) as Wall
      this.heardAt = this.clock()
      this.trouble = null
      this.#failures = 0
    } catch (error) {
      const isShut = typeof error === 'object' && error !== null && 'status' in error && (error.status === 401 || error.status === 403)
      this.trouble = isShut ? 'shut' : 'away'
      this.#failures += 1
    }
    clearTimeout(late)
    this.#isAsking = false
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.#look(), Math.min(LONGEST_MS, EVERY_MS * 2 ** Math.min(this.#failures, 4)))
  }
}

/** The token stands behind the hash of the address: it reaches no log of any server. */
export function askWith(hash: string): Ask {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('cle')
  const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {}
  return (signal) => fetch('/api/v1/wall', { headers, credentials: 'same-origin', cache: 'no-store', signal })
}
