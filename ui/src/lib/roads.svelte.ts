/** The road network behind travel times: its date, and whom its licence asks to name. Asked once, when first needed. */
import { get } from './api'
import { localeTag, t } from './i18n.svelte'
import type { Roads } from './types'

let roads = $state.raw<Roads | null>(null)
let asked = false

async function load(): Promise<void> {
  asked = true
  try {
    roads = await get<Roads | null>('/travel/roads')
  } catch {
    // The words without date still hold; the next look asks again.
    asked = false
  }
}

/** With the year: maps are told apart by it. */
function whole(at: string): string {
  return new Intl.DateTimeFormat(localeTag(), { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(at))
}

/** « carte du 28 mai 2013, © OpenStreetMap contributors, ODbL 1.0 »; empty for sources without a map. */
export function creditOf(source: string | undefined): string {
  if (!source?.startsWith('graph')) return ''
  if (!asked) void load()
  if (!roads) return ''
  const date = roads.data_at && /^\d{4}-\d{2}-\d{2}/.test(roads.data_at) ? whole(roads.data_at) : roads.data_at
  return [date ? t('travel.map_of', { date }) : '', roads.credit, roads.licence].filter(Boolean).join(', ')
}
