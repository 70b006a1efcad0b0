/** Words to citizens and questions to experts. */
import { post } from '../../lib/api'
import { explainError } from '../../lib/errors'
import { t } from '../../lib/i18n.svelte'
import { showToast } from '../../lib/toast.svelte'
import type { IncidentState } from '../../lib/types'
import { focus } from '../state/focus.svelte'

export interface ReplyBody { template?: string; text?: string; closes: boolean; asks?: boolean }

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

export function reply(incident: IncidentState, body: ReplyBody): Promise<boolean> {
  return attempt(() => post(`/incidents/${incident.id}/reply`, body), t(body.closes ? 'did.answered' : 'did.replied', { title: incident.title, n: incident.reports }))
}

export function askExpert(incident: IncidentState, question: string): Promise<boolean> {
  const needed = !incident.needs_expert
  return attempt(async () => {
    await post(`/incidents/${incident.id}/expert`, { needed, ...(question && { question }) })
    void focus.loadDetail(incident.id)
  }, t(needed ? 'did.expert_asked' : 'did.expert_done', { title: incident.title }))
}
