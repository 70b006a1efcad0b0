/** Which open incidents may be the same as one: asked when it is opened, the last good answer stays. */
import { get } from '../../lib/api'
import type { PreviewDuplicate } from '../../lib/types'

class Alike {
  found = $state.raw<PreviewDuplicate[]>([])
  of = $state<string | null>(null)

  async load(id: string): Promise<void> {
    if (this.of !== id) {
      this.of = id
      this.found = []
    }
    try {
      const answer = await get<PreviewDuplicate[]>(`/incidents/${id}/duplicates`)
      if (this.of === id) this.found = answer
    } catch {
      // A suggestion that does not come is no problem to tell: merging by search stays possible.
    }
  }
}

export const alike = new Alike()
