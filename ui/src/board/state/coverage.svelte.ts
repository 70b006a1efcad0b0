/** How soon a crew would be at an emergency in each commune: for the map's layer, its list, and the warning in the header. */
import { get } from '../../lib/api'
import type { Coverage } from '../../lib/types'

const EVERY_MS = 60_000

class CoverageNow {
  /** The layer is on the map. */
  isShown = $state(false)
  aheadMin = $state(0)
  picture = $state.raw<Coverage | null>(null)
  /** The cover of this moment, whatever the layer shows. */
  now = $state.raw<Coverage | null>(null)
  holes = $derived((this.now?.sectors ?? []).filter((one) => one.is_hole))

  toggle(): void {
    this.isShown = !this.isShown
    if (this.isShown) void this.load()
  }

  look(aheadMin: number): void {
    this.aheadMin = aheadMin
    void this.load()
  }

  async load(): Promise<void> {
    const ahead = this.aheadMin
    try {
      this.now = await get<Coverage>('/coverage')
      if (!this.isShown) return
      const asked = ahead === 0 ? this.now : await get<Coverage>(`/coverage?ahead_min=${ahead}`)
      if (ahead === this.aheadMin) this.picture = asked
    } catch {
      // The last answer stays, with its hour in the legend; the next look asks again.
    }
  }

  start(): () => void {
    // After the board itself: nobody opens it for this.
    const first = setTimeout(() => void this.load(), 3_000)
    const timer = setInterval(() => void this.load(), EVERY_MS)
    return () => (clearTimeout(first), clearInterval(timer))
  }
}

export const coverage = new CoverageNow()
