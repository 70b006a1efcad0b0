/** One action on many incidents: one request, one sentence about what became of them, one way back. */
import '../panes/words'
import { post } from '../../lib/api'
import { explainError } from '../../lib/errors'
import { hasMessage, t } from '../../lib/i18n.svelte'
import { showToast } from '../../lib/toast.svelte'
import type { BulkAction, BulkItem, BulkOut } from '../../lib/types'

/** Null when nothing is known to have been done: the same call with the same key may be repeated. */
export async function actOnMany(action: BulkAction, incidents: string[], idempotencyKey: string): Promise<BulkOut | null> {
  try {
    const told = await post<BulkOut>('/board/bulk', { action, incidents }, { idempotencyKey })
    const words = { n: told.done, refused: told.refused }
    const undo = { label: t('action.undo'), key: 'u', run: async () => void (await undoMany(told.id)) }
    showToast({ text: t(`bulk.did.${told.kind}`, words) + (told.refused ? ` ${t('bulk.some_refused', { n: told.refused })}` : ''), kind: told.done ? 'done' : 'problem', ...(told.may_undo && { action: undo }) })
    return told
  } catch (error) {
    showToast({ kind: 'problem', text: explainError(error) })
    return null
  }
}

async function undoMany(id: string): Promise<void> {
  try {
    const told = await post<BulkOut>(`/board/bulk/${id}/undo`)
    showToast({ kind: told.refused ? 'problem' : 'info', text: t('bulk.undone', { n: told.done }) + (told.refused ? ` ${t('bulk.some_moved_on', { n: told.refused, refs: told.items.filter((one) => one.code).map((one) => one.ref).join(', ') })}` : '') })
  } catch (error) {
    showToast({ kind: 'problem', text: explainError(error) })
  }
}

/** Why one of them was refused. */
export function refusalOf(item: BulkItem): string {
  const reason = String(item.params?.reason ?? '')
  if (hasMessage(`bulk.refused.${reason}`)) return t(`bulk.refused.${reason}`)
  if (hasMessage(`refusal.${reason}`)) return t(`refusal.${reason}`)
  if (item.code === 'illegal_move') return t('bulk.refused.illegal_move', { state: t(`incident.${item.params?.source}`) })
  return hasMessage(`error.${item.code}`) ? t(`error.${item.code}`) : String(item.code)
}
