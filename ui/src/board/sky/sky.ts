/** Weather warnings in words: which ones are told now, what each says, and what the form of the dialog makes of them. */
import { DAY, millis, moment } from '../../lib/format'
import { t } from '../../lib/i18n.svelte'
import type { WarningIn, WarningState, WeatherState } from '../../lib/types'
import { instantOf, localField } from '../../lib/civil'
import '../panes/words'

export const PHENOMENA = ['snow_ice', 'rain_flood', 'flood', 'wind', 'thunderstorm', 'extreme_cold', 'heat', 'avalanche', 'waves'] as const
export const COLOURS = ['yellow', 'orange', 'red'] as const
/** How many of three bars are filled: the level is never told by a colour, which means something else on the board. */
export const LEVEL: Record<WarningState['colour'], number> = { yellow: 1, orange: 2, red: 3 }
/** What lies farther ahead is in the dialog, not in the head of the page. */
const AHEAD_MS = DAY

const isOver = (one: WarningState, now: number): boolean => one.ends_at !== null && millis(one.ends_at) <= now
export const isNow = (one: WarningState, now: number): boolean => millis(one.starts_at) <= now && !isOver(one, now)

/** In force or less than a day away: what is in force first, then the worst, then the nearest. */
export function told(weather: WeatherState | null, now: number): WarningState[] {
  const near = (weather?.warnings ?? []).filter((one) => !isOver(one, now) && millis(one.starts_at) < now + AHEAD_MS)
  return near.sort((a, b) => Number(isNow(b, now)) - Number(isNow(a, now)) || LEVEL[b.colour] - LEVEL[a.colour] || millis(a.starts_at) - millis(b.starts_at))
}

/** The highest level in force now, for the map; null in calm weather. */
export function levelNow(weather: WeatherState | null, now: number): number {
  return Math.max(0, ...told(weather, now).filter((one) => isNow(one, now)).map((one) => LEVEL[one.colour]))
}

/** « Vigilance orange pluie-inondation jusqu’à 18:00. » */
export function sentence(one: WarningState, now: number): string {
  const said = { what: t(`weather.${one.phenomenon}`).toLocaleLowerCase(), level: t(`colour.${one.colour}`) }
  if (!isNow(one, now)) return t('sky.from', { ...said, at: moment(one.starts_at, now) })
  return one.ends_at === null ? t('sky.open', said) : t('sky.until', { ...said, at: moment(one.ends_at, now) })
}

/** One line of the form: instants as `datetime-local` fields hold them, '' where the end is unknown. */
export interface Draft { phenomenon: WarningState['phenomenon']; colour: WarningState['colour']; from: string; until: string }

export const draftOf = (one: WarningState): Draft => ({ phenomenon: one.phenomenon, colour: one.colour, from: localField(one.starts_at), until: one.ends_at === null ? '' : localField(one.ends_at) })

/** What is sent; null while a line has no beginning or ends before it. */
export function warningOf(draft: Draft): WarningIn | null {
  const starts_at = instantOf(draft.from)
  const ends_at = draft.until === '' ? null : instantOf(draft.until)
  if (starts_at === '' || ends_at === '' || (ends_at !== null && millis(ends_at) <= millis(starts_at))) return null
  return { phenomenon: draft.phenomenon, colour: draft.colour, starts_at, ends_at }
}
