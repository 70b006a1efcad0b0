/** Sentences about pages and alerts, for the board and the rota alike. */
import { day, time } from '../lib/format'
import { locale, t } from '../lib/i18n.svelte'
import type { OnCallAlert, PageState } from '../lib/types'

const lower = (text: string): string => (locale() === 'fr' ? text.charAt(0).toLowerCase() + text.slice(1) : text)
/** « mar. 24 nov. 21:40 » */
export const moment = (at: string): string => `${lower(day(at, 'short'))} ${time(at)}`

export function alertWords(alert: OnCallAlert, labelOf: (post: string) => string): string {
  const post = alert.post ? labelOf(alert.post) : ''
  const start = alert.start_at ? moment(alert.start_at) : ''
  const until = alert.until ? moment(alert.until) : ''
  const isSpent = alert.code === 'not_rested' && !alert.until
  const isNow = alert.code === 'gap' && !alert.start_at
  const key = isSpent ? 'oncall.alert.spent' : isNow ? 'oncall.alert.gap_now' : `oncall.alert.${alert.code}`
  return t(key, { n: alert.count, post, person: alert.person ?? '', ref: alert.ref ?? '', start, until })
}

/** Who was called last, and what happens next. */
export function pageWords(page: PageState): string {
  const last = page.called.at(-1)
  if (page.state === 'acknowledged') return t('oncall.page.taken', { person: page.acknowledged_by })
  if (!last) return page.next_at ? t('oncall.page.waits', { at: moment(page.next_at) }) : t('oncall.page.nobody')
  const called = t('oncall.page.called', { person: last.person, at: time(last.at) })
  return page.next_at ? `${called} ${t('oncall.page.next', { at: time(page.next_at) })}` : called
}
