/** When to try again: full jitter, so that a restart of the service does not bring everybody back in the same instant. */

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 20_000

export class Retry {
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(readonly attempt: () => void) {}

  /** Some time within a pause that doubles with every failure. */
  again(): void {
    this.within(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures++))
  }

  within(ms: number): void {
    this.cancel()
    this.#timer = setTimeout(this.attempt, Math.random() * ms)
  }

  cancel(): void {
    clearTimeout(this.#timer)
  }

  forgive(): void {
    this.#failures = 0
  }
}
