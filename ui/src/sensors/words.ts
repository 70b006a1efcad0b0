/** How a sensor is told: its value, what is normal, how old; and the geometry of its curve. */
import { duration, millis, MINUTE, number } from '../lib/format'
import { t } from '../lib/i18n.svelte'
import type { Sensor } from '../lib/types'

export type Shown = 'all' | 'odd' | 'quiet'
export interface Sector { name: string; sensors: Sensor[] }
export interface Curve { line: string; last: { x: number; y: number } | null; band: { y: number; height: number } | null }

const RANK: Record<Sensor['state'], number> = { low: 0, high: 0, stale: 1, silent: 2, normal: 3 }
export const WIDE = 168
export const TALL = 36
const PAD = 3

export function isOdd(one: Sensor): boolean {
  return one.state === 'low' || one.state === 'high'
}

/** What is out of range comes first, then what is silent: sectors, and sensors within them; else by name. */
export function bySector(sensors: Sensor[]): Sector[] {
  const found = new Map<string, Sensor[]>()
  for (const one of sensors) found.set(one.sector, [...(found.get(one.sector) ?? []), one])
  const worst = (list: Sensor[]): number => Math.min(...list.map((one) => (isOdd(one) ? 0 : 1)))
  const sorted = [...found].sort(([a, left], [b, right]) => worst(left) - worst(right) || a.localeCompare(b, 'fr'))
  return sorted.map(([name, list]) => ({ name, sensors: list.sort((a, b) => RANK[a.state] - RANK[b.state] || a.name.localeCompare(b.name, 'fr')) }))
}

/** « 4,2 bar », or a dash where nothing was ever measured. */
export function valueWords(one: Sensor): string {
  return one.value === null || one.value === undefined ? '–' : `${number(one.value, digits(one))} ${unitOf(one)}`
}

/** « normale : 3,0 à 7,0 bar » */
export function rangeWords(one: Sensor): string {
  const low = one.low === null ? null : number(one.low, digits(one))
  const high = one.high === null ? null : number(one.high, digits(one))
  if (low !== null && high !== null) return t('sensors.range', { low, high, unit: unitOf(one) })
  if (low !== null) return t('sensors.range_low', { low, unit: unitOf(one) })
  return high !== null ? t('sensors.range_high', { high, unit: unitOf(one) }) : t('sensors.range_none')
}

export function ageWords(one: Sensor): string {
  if (one.age_min === null || one.age_min === undefined) return t('sensors.never')
  return one.age_min < 1 ? t('time.now') : t('time.ago', { span: duration(one.age_min * MINUTE) })
}

/** « en baisse, 0,8 bar par heure » */
export function trendWords(one: Sensor): string | null {
  if (!one.trend) return null
  const change = number(Math.abs(one.change_per_hour ?? 0), digits(one))
  return one.trend === 'steady' ? t('sensors.trend.steady') : t(`sensors.trend.${one.trend}`, { change, unit: unitOf(one) })
}

/** Instruments write « m3 »; people read « m³ ». */
function unitOf(one: Sensor): string {
  return one.unit.replaceAll('m3', 'm³')
}

function digits(one: Sensor): number {
  return Math.abs(one.high ?? one.low ?? one.value ?? 0) >= 100 ? 0 : 1
}

/** The curve in a box of `WIDE` by `TALL`, six hours across, with the band of what is normal behind it. */
export function curveOf(one: Sensor): Curve {
  const points = (one.recent ?? []).map(({ at, value }) => ({ at: millis(at), value }))
  if (points.length === 0) return { line: '', last: null, band: null }
  const values = [...points.map(({ value }) => value), ...[one.low, one.high].filter((bound) => bound !== null)]
  const least = Math.min(...values)
  const span = Math.max(...values) - least || 1
  const end = points.at(-1)!.at
  const x = (at: number): number => round(PAD + (WIDE - 2 * PAD) * (1 - Math.min((end - at) / (360 * MINUTE), 1)))
  const y = (value: number): number => round(TALL - PAD - (TALL - 2 * PAD) * ((value - least) / span))
  const line = points.map(({ at, value }, index) => `${index ? 'L' : 'M'}${x(at)} ${y(value)}`).join('')
  const top = one.high === null ? 0 : y(one.high)
  const bottom = one.low === null ? TALL : y(one.low)
  const hasRange = one.low !== null || one.high !== null
  return { line, last: { x: x(end), y: y(points.at(-1)!.value) }, band: hasRange ? { y: top, height: round(bottom - top) } : null }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
