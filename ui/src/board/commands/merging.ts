/** Two incidents that are one: which of them stays, and the way back. */
import { post } from '../../lib/api'
import { explainError } from '../../lib/errors'
import { millis } from '../../lib/format'
import { t } from '../../lib/i18n.svelte'
import { showToast } from '../../lib/toast.svelte'
import type { IncidentState } from '../../lib/types'
import { focus } from '../state/focus.svelte'
import { view } from '../state/view.svelte'

const AT_WORK: ReadonlySet<string> = new Set(['in_progress', 'stabilised'])

/** What a crew works on stays; between two that wait, the one known first. */
export function staysAndJoins(a: IncidentState, b: IncidentState): [IncidentState, IncidentState] {
  if (AT_WORK.has(a.state) !== AT_WORK.has(b.state)) return AT_WORK.has(a.state) ? [a, b] : [b, a]
  return millis(a.reported_at) <= millis(b.reported_at) ? [a, b] : [b, a]
}

export async function merge(a: IncidentState, b: IncidentState): Promise<boolean> {
  const [stays, joins] = staysAndJoins(a, b)
  try {
    await post(`/incidents/${joins.id}/merge`, { into: stays.id })
    view.select(stays.id)
    const words = { ref: joins.ref, into: stays.ref, n: joins.reports }
    showToast({ text: t('did.merged', words), action: { label: t('action.undo'), key: 'u', run: async () => void (await part(joins.id, joins.ref)) } })
    return true
  } catch (error) {
    showToast({ kind: 'problem', text: explainError(error) })
    return false
  }
}

export async function part(id: string, ref: string): Promise<boolean> {
  try {
    await post(`/incidents/${id}/unmerge`)
    showToast({ text: t('did.parted', { ref }) })
    if (view.selectedId) void focus.loadDetail(view.selectedId)
    return true
  } catch (error) {
    showToast({ kind: 'problem', text: explainError(error) })
    return false
  }
}
