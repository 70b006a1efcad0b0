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

let unsent = $state.raw<Unsent[]>(recall<Unsent[]>('outbox', []))
let timer: ReturnType<typeof setTimeout> | undefined
let wait = SOON_MS
let busy = false

export function unsentCalls(): readonly Unsent[] {
  return unsent
}

/** Sends now if the service answers; keeps the call here if it does not. Throws only what a person must correct. */
export async function sendCall(key: string, body: ReportIn, keptAt: number): Promise<ReportReceipt | null> {
  try {
    return await post<ReportReceipt>('/reports', body, { idempotencyKey: key })
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isTransient) throw error
    keep([...unsent, { key, body, keptAt }])
    schedule()
    return null
  }
}

export async function flushOutbox(): Promise<void> {
  if (busy || unsent.length === 0) return
  busy = true
  try {
    for (const call of [...unsent]) await deliver(call)
    wait = SOON_MS
  } catch {
    // Still no answer: the rest would meet the same silence.
    wait = Math.min(LATE_MS, wait * 2)
  } finally {
    busy = false
  }
  schedule()
}

async function deliver(call: Unsent): Promise<void> {
  try {
    const receipt = await post<ReportReceipt>('/reports', call.body, { idempotencyKey: call.key })
    keep(unsent.filter((one) => one.key !== call.key))
    showToast({ text: t('call.sent_late', { ref: receipt.reference }) })
  } catch (error) {
    if (error instanceof ApiError && error.isTransient) throw error
    keep(unsent.filter((one) => one.key !== call.key))
    showToast({ kind: 'problem', seconds: 60, text: t('call.refused_late', { text: call.body.text.slice(0, 60), why: explainError(error) }) })
  }
}

function keep(next: Unsent[]): void {
  unsent = next
  remember('outbox', next)
}

function schedule(): void {
  clearTimeout(timer)
  if (unsent.length > 0) timer = setTimeout(() => void flushOutbox(), wait)
}

/** Tries again at start, when the network comes back, and by itself with growing pauses. */
export function startOutbox(): () => void {
  const now = () => void flushOutbox()
  window.addEventListener('online', now)
  now()
  return () => {
    window.removeEventListener('online', now)
    clearTimeout(timer)
  }
}
