/**
 * What is held of one topic: its keys, and the place in the log up to which they are complete. Knows no socket.
 * A publication is applied whole or not at all, each key only over a smaller version, so a repeat is harmless.
 */

import type { Change, Loaded, Position, Publication } from './live-wire'

/** What happened since the last batch (`data` null: gone), or the whole topic when it was read afresh (`snapshot`). */
export interface Batch { changes: Change[]; snapshot: boolean }
export type Listener = (batch: Batch) => void

const HIDDEN_BATCH_MS = 1000

export class LiveTopic {
  position: Position | undefined
  /** A subscribe is on its way. */
  isLoading = false
  #isRefused = false
  #items = new Map<string, Change>()
  #listeners = new Set<Listener>()
  #changed = new Set<string>()
  #isFresh = false
  #due: (() => void) | undefined

  constructor(readonly name: string) {}

  /** Whether everything up to now is held, as far as the service let us know; a refused topic is not waited for. */
  get isWhole(): boolean {
    return this.#isRefused || (this.position !== undefined && !this.isLoading)
  }

  get isFollowed(): boolean {
    return this.#listeners.size > 0
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener)
    if (this.position) listener({ changes: this.#whole(), snapshot: true })
    return () => this.#listeners.delete(listener)
  }

  /** Takes the answer to a subscribe: what was missed, or a fresh picture. */
  load(answer: Loaded): void {
    if (answer.recovered) {
      for (const publication of answer.publications ?? []) this.#apply(publication)
    } else {
      this.#items = new Map((answer.snapshot ?? []).map((item) => [item.key, item]))
      this.#isFresh = true
    }
    this.position = { epoch: answer.epoch, offset: answer.offset }
    this.isLoading = this.#isRefused = false
    this.#schedule()
  }

  /** Takes a publication; false when something before it is missing. */
  push(publication: Publication): boolean {
    if (!this.position || this.isLoading) return true // the answer on its way covers it
    if (publication.prev > this.position.offset) return false
    if (publication.offset <= this.position.offset) return true
    this.#apply(publication)
    this.position = { ...this.position, offset: publication.offset }
    this.#schedule()
    return true
  }

  /** The service does not let us follow it. */
  refuse(): void {
    this.#isRefused = true
    this.isLoading = false
    this.position = undefined
    this.#items = new Map()
    this.#isFresh = true
    this.#schedule()
  }

  /** Hands over what has changed since the last time, now. */
  flush(): void {
    this.#due?.()
    this.#due = undefined
    if (!this.#isFresh && this.#changed.size === 0) return
    const snapshot = this.#isFresh
    const changes = snapshot ? this.#whole() : [...this.#changed].map((key) => this.#items.get(key)!)
    for (const key of this.#changed) if (this.#items.get(key)?.data === null) this.#items.delete(key)
    this.#changed.clear()
    this.#isFresh = false
    for (const listener of this.#listeners) listener({ changes, snapshot })
  }

  #whole(): Change[] {
    return [...this.#items.values()].filter((item) => item.data !== null)
  }

  #apply({ key, ver, data, also = [] }: Publication): void {
    for (const item of [{ key, ver, data }, ...also]) {
      if ((this.#items.get(item.key)?.ver ?? -1) >= item.ver) continue
      this.#items.set(item.key, item)
      this.#changed.add(item.key)
    }
  }

  /** One batch an animation frame; a hidden tab has none, so it gets one a second. */
  #schedule(): void {
    if (this.#due) return
    if (document.hidden) {
      const timer = setTimeout(() => this.flush(), HIDDEN_BATCH_MS)
      this.#due = () => clearTimeout(timer)
    } else {
      const frame = requestAnimationFrame(() => this.flush())
      this.#due = () => cancelAnimationFrame(frame)
    }
  }
}
