/** Reply templates, asked for a category and a state; the last good answer stays. */
import { get } from './api'
import { locale } from './i18n.svelte'
import type { ReplyTemplate } from './types'

class Replies {
  found = $state.raw<ReplyTemplate[]>([])
  #asked = ''

  async load(query: { words?: string; category?: string | null; state?: string; incident?: string }): Promise<void> {
    const params = new URLSearchParams()
    if (query.words?.trim()) params.set('q', query.words.trim())
    if (query.category) params.set('category', query.category)
    if (query.state) params.set('state', query.state)
    if (query.incident) params.set('incident_id', query.incident)
    const asked = (this.#asked = params.toString())
    try {
      const answer = await get<ReplyTemplate[]>(`/replies?${asked}`)
      if (asked === this.#asked) this.found = answer
    } catch {
      // Without templates one still writes in one's own words.
    }
  }
}

export const replies = new Replies()
export const replyTitle = (one: ReplyTemplate): string => (locale() === 'fr' ? one.title_fr : one.title_en)
/** As an incident fills it, if one was named. */
export const replyText = (one: ReplyTemplate): string => (locale() === 'fr' ? (one.filled_fr ?? one.text_fr) : (one.filled_en ?? one.text_en))
