/** What a travel time comes from, in the reader's words: « réseau routier, corrigé × 1,12 par les trajets finis ». */
import { duration, number } from './format'
import { t } from './i18n.svelte'

const LEARNED = '+learned'

export interface Leg { travel_s: number; travel_base_s?: number; travel_source?: string }

function nameOf(told: string): string {
  const name = told.replace(LEARNED, '')
  const words = t(`travel.${name}`)
  return words === `travel.${name}` ? name : words
}

/** What several legs come from, told once below them all; null when they differ. */
export function sharedSource(legs: readonly Leg[]): string | null {
  const [told, ...others] = new Set(legs.map((leg) => leg.travel_source ?? 'great_circle'))
  if (told === undefined || others.length > 0) return null
  return told.endsWith(LEARNED) ? t('travel.corrected', { source: nameOf(told) }) : nameOf(told)
}

export function sourceWords(leg: Leg): string {
  const told = leg.travel_source ?? 'great_circle'
  const source = nameOf(told)
  if (!told.endsWith(LEARNED) || !leg.travel_base_s) return source
  return t('travel.learned', { source, factor: number(leg.travel_s / leg.travel_base_s, 2) })
}

/** « trajet 18 min » */
export const driveWords = (leg: Leg): string => t('travel.drive', { span: duration(leg.travel_s * 1000) })

/** « trajet 18 min, à vol d’oiseau × 1,35 » */
export function legWords(leg: Leg): string {
  return t('travel.leg', { span: duration(leg.travel_s * 1000), source: sourceWords(leg) })
}

/** Time on site as the plan counts with it, which may not be the catalogue's; milliseconds. */
export function workMs(visit: { start_at: string | null; end_at: string | null; duration_s: number }): number {
  if (!visit.start_at || !visit.end_at) return visit.duration_s * 1000
  return Date.parse(visit.end_at) - Date.parse(visit.start_at)
}
