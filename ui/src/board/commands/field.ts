/** What the desk answers to crews in the field. */
import { post } from '../../lib/api'
import { explainError } from '../../lib/errors'
import { t } from '../../lib/i18n.svelte'
import { showToast } from '../../lib/toast.svelte'
import type { HelpState, LoneState } from '../../lib/types'

async function attempt(work: () => Promise<unknown>, said: string): Promise<boolean> {
  try {
    await work()
    showToast({ text: said })
    return true
  } catch (error) {
    showToast({ kind: 'problem', text: explainError(error) })
    return false
  }
}

export function seeHelp(call: HelpState): Promise<boolean> {
  return attempt(() => post(`/help/${call.id}/seen`), t('did.help_seen', { crew: call.crew }))
}

/** Somebody takes care of an alarm; `isOver` when the person was reached and is well. */
export function answerAlarm(alarm: LoneState, isOver: boolean): Promise<boolean> {
  return attempt(() => post(`/lone/${alarm.id}/answer`, { is_well: isOver }), t(isOver ? 'did.alarm_over' : 'did.alarm_taken', { crew: alarm.crew }))
}
