/** Keeps the day true: the live topic while there is one, the network's return, and a look now and then. */
import { ApiError } from '../lib/api'
import type { Day } from './day.svelte'

type State = 'live' | 'reconnecting' | 'stale' | 'offline'

const LOOK_MS = 60_000

class Feed {
  state = $state<State>('reconnecting')
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(readonly day: Day) {}

  start(): void {
    addEventListener('online', this.#look)
    addEventListener('offline', this.#lose)
    document.addEventListener('visibilitychange', this.#wake)
    this.#timer = setInterval(this.#look, LOOK_MS)
    this.#look()
  }

  stop(): void {
    removeEventListener('online', this.#look)
    removeEventListener('offline', this.#lose)
    document.removeEventListener('visibilitychange', this.#wake)
    clearInterval(this.#timer)
  }

  #lose = (): void => {
    this.state = 'offline'
  }

  #wake = (): void => {
    if (document.visibilityState === 'visible') this.#look()
  }

  #look = (): void => {
    void this.#refresh()
  }

  async #refresh(): Promise<void> {
    try {
      await this.day.flush()
      await this.day.load()
      this.state = 'live'
    } catch (error) {
      this.state = error instanceof ApiError && error.isTransient ? 'offline' : 'stale'
    }
  }
}

export function followDay(day: Day): Feed {
  return new Feed(day)
}
