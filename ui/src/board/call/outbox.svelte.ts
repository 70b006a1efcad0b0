/**
 * Calls that the service has not confirmed. They survive a reload and a dead server: each is repeated with its own key
 * until an answer comes, so none is lost and none is stored twice.
 */
import { ApiError, post } from '../../lib/api'
import { explainError } from '../../lib/errors'
import { t } from '../../lib/i18n.svelte'
import { recall, remember } from '../../lib/storage'
import { showToast } from '../../lib/toast.svelte'
import type { ReportIn, ReportReceipt } from '../../lib/types'

export interface Unsent { key: string; body: ReportIn; keptAt: number }

const SOON_MS = 2_000
const LATE_MS = 60_000

export class Outbox {
  #unsent = $state.raw<Unsent[]>(recall<Unsent[]>('outbox', []))
  #timer: ReturnType<typeof setTimeout> | undefined
  #wait = SOON_MS
  #busy = false

  get unsent(): readonly Unsent[] {
    return this.#unsent
  }

  /** Sends now if the service answers; keeps the call here if it does not. Throws only what a person must correct. */
  async send(call: Unsent): Promise<ReportReceipt | null> {
    try {
      return await deliver(call)
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isTransient) throw error
      this.#keep([...this.#unsent, call])
      this.#schedule()
      return null
    }
  }

  async flush(): Promise<void> {
    if (this.#busy || this.#unsent.length === 0) return
    this.#busy = true
    try {
      for (const call of this.#unsent) await this.#retry(call)
      this.#wait = SOON_MS
    } catch {
      // Still no answer: the rest would meet the same silence.
      this.#wait = Math.min(LATE_MS, this.#wait * 2)
    } finally {
      this.#busy = false
    }
    this.#schedule()
  }

  /** Tries again at start, when the network comes back, and by itself with growing pauses. */
  start(): () => void {
    const now = () => void this.flush()
    window.addEventListener('online', now)
    now()
    return () => {
      window.removeEventListener('online', now)
      clearTimeout(this.#timer)
    }
  }

  async #retry(call: Unsent): Promise<void> {
    try {
      const { reference } = await deliver(call)
      this.#keep(this.#unsent.filter((one) => one.key !== call.key))
      showToast({ text: t('call.sent_late', { ref: reference }) })
    } catch (error) {
      if (error instanceof ApiError && error.isTransient) throw error
      this.#keep(this.#unsent.filter((one) => one.key !== call.key))
      const words = { text: call.body.text.slice(0, 60), why: explainError(error) }
      showToast({ kind: 'problem', seconds: 60, text: t('call.refused_late', words) })
    }
  }

  #keep(next: Unsent[]): void {
    this.#unsent = next
    remember('outbox', next)
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#unsent.length > 0) this.#timer = setTimeout(() => void this.flush(), this.#wait)
  }
}

function deliver(call: Unsent): Promise<ReportReceipt> {
  return post<ReportReceipt>('/reports', call.body, { idempotencyKey: call.key })
}

export const outbox = new Outbox()
