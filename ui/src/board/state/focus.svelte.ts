/**
 * What is known of the selected incident beyond its row: its full story and who could go. The last good answer stays
 * on screen while a newer one is fetched; an answer for an incident that is no longer selected is dropped.
 */
import { ApiError, request } from '../../lib/api'
import { explainError } from '../../lib/errors'
import type { IncidentDetail, Offers } from '../../lib/types'

/** The best few are enough to choose from at a glance; nine have a key. */
const FIRST_OFFERS = 3
export const MOST_OFFERS = 9

class Focus {
  detail = $state.raw<IncidentDetail | null>(null)
  /** Entity tag of `detail`: edits carry it, so that nobody overwrites a colleague's change unseen. */
  etag = $state<string | null>(null)
  offers = $state.raw<Offers | null>(null)
  offersFor = $state<string | null>(null)
  problem = $state<string | null>(null)
  offersProblem = $state<string | null>(null)
  offersShown = $state(FIRST_OFFERS)
  #id: string | null = null
  #abort: AbortController | null = null
  #offersAbort: AbortController | null = null

  /** Call again with the same id to refresh. */
  async loadDetail(id: string): Promise<void> {
    if (this.#id !== id) {
      this.#id = id
      this.detail = null
      this.problem = null
    }
    this.#abort?.abort()
    const abort = (this.#abort = new AbortController())
    try {
      const answer = await request<IncidentDetail>('GET', `/incidents/${id}`, undefined, { signal: abort.signal })
      if (this.#id !== id) return
      this.detail = answer.data
      this.etag = answer.etag
      this.problem = null
    } catch (error) {
      if (isAbort(error) || this.#id !== id) return
      this.problem = explainError(error)
    }
  }

  async loadOffers(id: string): Promise<void> {
    if (this.offersFor !== id) {
      this.clearOffers()
      this.offersFor = id
    }
    this.#offersAbort?.abort()
    const abort = (this.#offersAbort = new AbortController())
    try {
      const answer = await request<Offers>('GET', `/incidents/${id}/offers`, undefined, { signal: abort.signal })
      if (this.offersFor !== id) return
      this.offers = answer.data
      this.offersProblem = null
    } catch (error) {
      if (isAbort(error) || this.offersFor !== id) return
      // 404 and 409 mean that there is nothing to offer now: not a failure to shout about.
      if (error instanceof ApiError && (error.status === 404 || error.status === 409)) this.offers = null
      this.offersProblem = explainError(error)
    }
  }

  showAllOffers(): void {
    this.offersShown = MOST_OFFERS
  }

  clearOffers(): void {
    this.#offersAbort?.abort()
    this.offers = null
    this.offersFor = null
    this.offersProblem = null
    this.offersShown = FIRST_OFFERS
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

export const focus = new Focus()
