/**
 * Keeps the day true and says how true it is: the live topic, and where nothing live gets through a look over HTTP. Each
 * sign of life also sends what the outbox holds.
 */
import { ApiError } from '../lib/api'
import { Live, isTrue, type LiveState } from '../lib/live'
import { goToLogin } from '../lib/session.svelte'
import type { Day } from './day.svelte'


const PATIENCE_MS = 4_000
const LOOK_AGAIN_MS = 10_000

export class Feed {
  state = $state<LiveState>('reconnecting')
  #live = new Live({ name: 'crew', onRefused: goToLogin })
  #stops: (() => void)[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(readonly day: Day) {}

  start(): void {
    addEventListener('offline', this.#lose)
    addEventListener('online', this.#look)
    this.#stops = [
      this.#live.subscribe(`crew:${this.day.crewId}`, ({ changes, snapshot }) => this.day.apply(changes, snapshot)),
      this.#live.watch(this.#hear),
      this.#live.start(),
      () => removeEventListener('offline', this.#lose),
      () => removeEventListener('online', this.#look),
    ]
    this.#look()
  }

  stop(): void {
    clearTimeout(this.#timer)
    for (const stop of this.#stops) stop()
  }

  #hear = (state: LiveState): void => {
    clearTimeout(this.#timer)
    if (isTrue(state) && navigator.onLine) {
      this.state = state
      void this.day.flush()
      return
    }
    if (this.state !== 'offline') this.state = state
    this.#timer = setTimeout(this.#look, PATIENCE_MS)
  }

  /** The phone knows before the socket does. */
  #lose = (): void => {
    this.state = 'offline'
  }

  /** A socket may outlive a short loss and say nothing of the return of the network. */
  #look = (): void => {
    clearTimeout(this.#timer)
    void this.#lookOverHttp()
  }

  async #lookOverHttp(): Promise<void> {
    try {
      await this.day.load()
      // An answer that was on its way when the network went is no sign that it is back.
      if (navigator.onLine) this.state = this.#live.state
      await this.day.flush()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.state = error.isTransient ? 'offline' : 'stale'
    }
    if (!isTrue(this.#live.state)) this.#timer = setTimeout(this.#look, LOOK_AGAIN_MS)
  }
}
