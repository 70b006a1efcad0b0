/** How likely each promise is missed, asked again every half minute: a likelihood moves slowly. */
import { get } from '../../lib/api'
import type { Standing } from '../../lib/types'

const EVERY_MS = 30_000
/** Below this a likelihood is no news; certain breaches are told as late already. */
export const WORTH_TELLING = 0.3

class Deadlines {
  #all = $state.raw(new Map<string, Standing>())

  of(id: string): Standing | undefined {
    return this.#all.get(id)
  }

  async load(): Promise<void> {
    try {
      const found = await get<Standing[]>('/deadlines')
      this.#all = new Map(found.map((one) => [one.incident_id, one]))
    } catch {
      // The last known likelihoods stay; hours and countdowns come from the board itself.
    }
  }

  start(): () => void {
    void this.load()
    const timer = setInterval(() => void this.load(), EVERY_MS)
    return () => clearInterval(timer)
  }
}

export const deadlines = new Deadlines()
