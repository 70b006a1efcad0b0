/**
 * The whole of a bar too short for its words, beside it: under a resting pointer, under keyboard focus, under a finger held
 * still. One at a time; it never takes the place of the bar's own name for screen readers.
 */

/** Resting, not passing over. */
const REST_MS = 350
/** A finger that scrolls has moved on before; one that picks up (350 ms) has read it. */
const HOLD_MS = 150

export interface Words { title: string; facts: string; more: string[] }
export interface Shown extends Words { left: number; top: number; bottom: number }

class Tip {
  shown = $state.raw<Shown | null>(null)
  #bar: HTMLElement | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  /** A pointer has come over a bar, or a finger lies on it. */
  point(event: PointerEvent, words: () => Words): void {
    const bar = event.currentTarget as HTMLElement
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#show(bar, words()), event.pointerType === 'mouse' ? REST_MS : HOLD_MS)
  }

  /** The keyboard has come to a bar; a click's focus says nothing. */
  focus(event: FocusEvent, words: () => Words): void {
    const bar = event.currentTarget as HTMLElement
    if (bar.matches(':focus-visible')) this.#show(bar, words())
  }

  /** What scrolls under it takes it along. */
  follow(): void {
    if (this.shown && this.#bar?.isConnected) this.#show(this.#bar, this.shown)
    else this.away()
  }

  away(): void {
    clearTimeout(this.#timer)
    this.shown = null
  }

  #show(bar: HTMLElement, words: Words): void {
    if (!bar.isConnected) return
    this.#bar = bar
    const { left, top, bottom } = bar.getBoundingClientRect()
    this.shown = { ...words, left, top, bottom }
  }
}

export const tip = new Tip()
