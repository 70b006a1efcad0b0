/** Time to pixels and back, and where the lines of the grid fall. Pure; milliseconds and CSS pixels. */
import { DAY, HOUR, MINUTE, day, startOfDay, time } from '../../lib/format'
import type { Zoom } from '../state/view.svelte'

export interface Scale { from: number; to: number; width: number; x: (at: number) => number; at: (x: number) => number }
export interface Tick { at: number; label: string | null }

interface Step { span: number; snap: number; tick: number; label: number; lead: number }

/** `lead` is what stays visible of the past; `snap` keeps the picture still between two jumps. */
const STEPS: Record<Zoom, Step> = {
  quarter: { span: 2 * HOUR, snap: 15 * MINUTE, tick: 15 * MINUTE, label: 15 * MINUTE, lead: 30 * MINUTE },
  six: { span: 6 * HOUR, snap: 30 * MINUTE, tick: 30 * MINUTE, label: HOUR, lead: 50 * MINUTE },
  day: { span: DAY, snap: DAY, tick: HOUR, label: 3 * HOUR, lead: 0 },
  week: { span: 7 * DAY, snap: DAY, tick: DAY, label: DAY, lead: 0 },
}

/** Below this the words in the bars of a six-hour view could not be read: four hours are shown instead. */
const ROOMY_PX = 760

export const isNarrow = (width: number): boolean => width < ROOMY_PX

export function spanOf(zoom: Zoom, width: number): number {
  return zoom === 'six' && isNarrow(width) ? 4 * HOUR : STEPS[zoom].span
}

/** Where the picture starts when it follows the present. */
export function homeOf(zoom: Zoom, now: number): number {
  if (zoom === 'day') return startOfDay(now)
  if (zoom === 'week') return monday(now)
  const { snap, lead } = STEPS[zoom]
  return Math.floor((now - lead) / snap) * snap
}

export function scaleOf(zoom: Zoom, from: number, width: number): Scale {
  const span = spanOf(zoom, width)
  return {
    from,
    to: from + span,
    width,
    x: (at) => ((at - from) / span) * width,
    at: (x) => from + (x / Math.max(1, width)) * span,
  }
}

export function ticks(zoom: Zoom, scale: Scale): Tick[] {
  const { tick, label } = STEPS[zoom]
  const out: Tick[] = []
  if (zoom === 'week') {
    for (let at = startOfDay(scale.from); at < scale.to; at = startOfDay(at + DAY + 2 * HOUR)) out.push({ at, label: day(at, 'short') })
    return out
  }
  for (let at = Math.ceil(scale.from / tick) * tick; at < scale.to; at += tick) {
    // Europe/Paris is a whole number of hours from UTC, so round hours are round in both.
    const isLabelled = zoom === 'day' ? Number(time(at).slice(0, 2)) % 3 === 0 : at % label === 0
    out.push({ at, label: isLabelled ? time(at) : null })
  }
  return out
}

function monday(now: number): number {
  let at = startOfDay(now)
  for (let tries = 0; tries < 7 && new Date(at + 12 * HOUR).getUTCDay() !== 1; tries += 1) at = startOfDay(at - 2 * HOUR)
  return at
}
