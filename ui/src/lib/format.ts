/**
 * How numbers, hours and distances are written. Instants come in as ISO 8601 UTC and go out in civil time of
 * Europe/Paris, whatever the zone of the machine: a wall screen set to UTC must not shift a shift.
 */
import { localeTag, t } from './i18n.svelte'

export const ZONE = 'Europe/Paris'
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export type Instant = string | number | Date

const cache = new Map<string, Intl.DateTimeFormat>()
const numbers = new Map<string, Intl.NumberFormat>()

/** A missing or damaged instant is shown as a dash: one bad field must not take a whole screen down. */
function write(at: Instant, options: Intl.DateTimeFormatOptions): string {
  const when = millis(at)
  return Number.isNaN(when) ? '–' : formatter(options).format(when)
}

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = localeTag() + JSON.stringify(options)
  let made = cache.get(key)
  if (!made) {
    made = new Intl.DateTimeFormat(localeTag(), { timeZone: ZONE, hourCycle: 'h23', ...options })
    cache.set(key, made)
  }
  return made
}

/** Making a formatter costs fifty times what using it does, and a screenful of rows asks for hundreds. */
function numbering(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = localeTag() + JSON.stringify(options)
  let made = numbers.get(key)
  if (!made) {
    made = new Intl.NumberFormat(localeTag(), options)
    numbers.set(key, made)
  }
  return made
}

const CIVIL = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE })
const CLOCK = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })

export function millis(at: Instant): number {
  return typeof at === 'number' ? at : at instanceof Date ? at.getTime() : Date.parse(at)
}

/** « 14:07 » */
export function time(at: Instant): string {
  return write(at, { hour: '2-digit', minute: '2-digit' })
}

/** « 14:07:32 » */
export function timeWithSeconds(at: Instant): string {
  return write(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
}

/** « Mardi 24 novembre », or « Mar. 24 nov. » */
export function day(at: Instant, width: 'long' | 'short' = 'long'): string {
  const text = write(at, { weekday: width, day: 'numeric', month: width })
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** « 24 novembre 2026 à 14:07 » */
export function dateTime(at: Instant): string {
  return write(at, { dateStyle: 'long', timeStyle: 'short' })
}

export function weekday(at: Instant): string {
  return write(at, { weekday: 'long' })
}

/** Civil day in Paris as « 2026-11-24 »: two instants are on the same day iff these are equal. */
export function civilDay(at: Instant): string {
  const when = millis(at)
  return Number.isNaN(when) ? '' : CIVIL.format(when)
}

/** « 39 min », « 1 h 18 », « 3 d »; rounded down, so that a countdown never promises more than is left. */
export function duration(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / MINUTE)
  if (minutes < 60) return t('time.minutes', { n: minutes })
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return t('time.hours', { h: hours, m: String(minutes % 60).padStart(2, '0') })
  return t('time.days', { n: Math.floor(hours / 24) })
}

/** Work that is left, in whole hours once there are some: sums of crews compare, and days of crews are no days. */
export function workHours(ms: number): string {
  return ms < HOUR ? duration(ms) : t('time.whole_hours', { h: number(Math.floor(ms / HOUR)) })
}

/** How long ago: « à l’instant », « il y a 6 min ». */
export function ago(at: Instant, now: number): string {
  const gone = now - millis(at)
  return gone < MINUTE ? t('time.now') : t('time.ago', { span: duration(gone) })
}

/** A due time as a dispatcher reads it: minutes when it is close, an hour today, then « demain », « jeudi », a date. */
export function due(at: Instant, now: number, closeMs = 6 * HOUR): string {
  const when = millis(at)
  const left = when - now
  if (left < 0) return t('time.late', { span: duration(left) })
  if (left < closeMs) return duration(left)
  if (civilDay(when) === civilDay(now)) return time(when)
  if (civilDay(when) === civilDay(now + DAY)) return t('time.tomorrow')
  if (left < 6 * DAY) return weekday(when)
  return write(when, { day: 'numeric', month: 'short' })
}

/** An hour today, « demain 08:30 », « jeudi 08:30 ». */
export function moment(at: Instant, now: number): string {
  const when = millis(at)
  if (civilDay(when) === civilDay(now)) return time(when)
  if (civilDay(when) === civilDay(now + DAY)) return `${t('time.tomorrow')} ${time(when)}`
  if (Math.abs(when - now) < 6 * DAY) return `${weekday(when)} ${time(when)}`
  return write(when, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
}

export function number(value: number, digits = 0): string {
  return numbering({ maximumFractionDigits: digits }).format(value)
}

/** « +20 », « −14 », « 0 »; with a real minus sign. */
export function signed(value: number, digits = 0): string {
  const text = numbering({ maximumFractionDigits: digits, signDisplay: 'exceptZero' }).format(value)
  return text.replace('-', '−')
}

/** « 110 m », « 1,2 km », « 27 km » */
export function distance(metres: number): string {
  if (metres < 950) return `${number(Math.round(metres / 10) * 10)} m`
  return `${number(metres / 1000, metres < 9_950 ? 1 : 0)} km`
}

export function percent(ratio: number): string {
  return numbering({ style: 'percent', maximumFractionDigits: 0 }).format(ratio)
}

/** Midnight that began the civil day of an instant, in milliseconds. Days of 23 and 25 hours are handled. */
export function startOfDay(at: Instant): number {
  const when = millis(at)
  const parts = CLOCK.formatToParts(when)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0)
  const guess = when - part('hour') * HOUR - part('minute') * MINUTE - part('second') * 1000 - (when % 1000)
  // Where the clocks changed since midnight the guess is an hour off, on one side or the other.
  return [guess, guess - HOUR, guess + HOUR].find((one) => civilDay(one) === civilDay(when) && civilDay(one - 1) !== civilDay(when)) ?? guess
}

/** « Camille Lafarge » → « CL » */
export function initialsOf(name: string): string {
  const words = name.split(/[\s.-]+/).filter(Boolean)
  return words.map((word) => word[0]).slice(0, 2).join('').toUpperCase() || '?'
}
