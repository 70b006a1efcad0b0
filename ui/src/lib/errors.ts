/** A failure as a sentence: ours if we know the code, else the server's own, else the code itself. */
import { ApiError } from './api'
import { hasMessage, t } from './i18n.svelte'

export function explainError(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.unknown', { code: error instanceof Error ? error.name : 'client' })
  if (error.isOffline) return t('error.offline')
  const key = `error.${error.code}`
  if (hasMessage(key)) return t(key, readableParams(error.params))
  return error.message && error.message !== error.code ? error.message : t('error.unknown', { code: error.code })
}

function readableParams(params: Record<string, unknown>): Record<string, string | number> {
  const simple = Object.entries(params).filter(([, value]) => typeof value === 'string' || typeof value === 'number')
  return Object.fromEntries(simple) as Record<string, string | number>
}
