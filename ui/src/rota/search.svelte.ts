/** A search for a rota, followed while it runs: how far, how good, how good at best; and its end when told. */
import { get, post } from '../lib/api'
import { explainError } from '../lib/errors'
import { showToast } from '../lib/toast.svelte'
import type { RotaSearch } from '../lib/types'

const EVERY_MS = 600

class Watching {
  now = $state.raw<RotaSearch | null>(null)
  isEnding = $state(false)

  /** Asks now and then until the search is over; returns a way to look away. */
  follow(): () => void {
    let isOver = false
    const look = async (): Promise<void> => {
      try { this.now = await get<RotaSearch | null>('/rotas/search') } catch { /* the next look may reach it */ }
      if (!isOver) setTimeout(() => void look(), EVERY_MS)
    }
    void look()
    return () => {
      isOver = true
      this.now = null
      this.isEnding = false
    }
  }

  async end(): Promise<void> {
    this.isEnding = true
    try { await post('/rotas/search/stop') } catch (error) { showToast({ text: explainError(error), kind: 'problem' }) }
  }
}

export const watching = new Watching()
