/** Addresses for the place that was understood: asked of our service a moment after the words rest, only when known to more than the commune. */
import { get } from '../../lib/api'
import type { AddressSuggestion } from '../../lib/types'

const PAUSE_MS = 350
const SHORTEST = 4

class Suggest {
  found = $state.raw<AddressSuggestion[]>([])
  #asked = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  ask(words: string | null, insee: string | null): void {
    clearTimeout(this.#timer)
    const asked = words && words.length >= SHORTEST ? `q=${encodeURIComponent(words)}${insee ? `&insee=${insee}` : ''}` : ''
    if (asked === this.#asked) return
    if (!asked) {
      this.#asked = ''
      this.found = []
      return
    }
    this.#timer = setTimeout(() => void this.#fetch(asked), PAUSE_MS)
  }

  async #fetch(asked: string): Promise<void> {
    this.#asked = asked
    try {
      const answer = await get<AddressSuggestion[]>(`/places?${asked}`)
      // The gazetteer says again what is on the line already; only a geocoder adds something.
      if (asked === this.#asked) this.found = answer.filter((one) => one.source === 'ban').slice(0, 3)
    } catch {
      if (asked === this.#asked) this.found = []
    }
  }
}

export const suggest = new Suggest()
