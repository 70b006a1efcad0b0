/**
 * What time is it in the service? In a demo the service runs faster than the wall: the server states an instant and a
 * rate, and every screen extrapolates from there until the next statement.
 */
import type { ClockState } from './types'

interface Anchor { at: number; received: number; rate: number }

const wall = () => performance.now()
let anchor = $state.raw<Anchor>({ at: Date.now(), received: wall(), rate: 1 })
let state = $state.raw<ClockState | null>(null)
let skew = 0
let tick = $state(0)
let users = 0
let timer: ReturnType<typeof setInterval> | undefined
let held = $state<number | null>(null)

/** Notes how far this machine's clock is from the server's, from an answer that carries the server's. */
export function setServerTime(wallAt: string): void {
  if (Number.isNaN(Date.parse(wallAt))) return
  skew = Date.parse(wallAt) - Date.now()
  if (!state) anchor = { at: Date.now() + skew, received: wall(), rate: 1 }
}

export function setClock(next: ClockState | null): void {
  state = next
  if (!next) return
  const rate = next.paused ? 0 : next.rate
  const sentAt = Date.parse(next.wall_at)
  const elapsed = Number.isNaN(sentAt) ? 0 : Date.now() + skew - sentAt
  anchor = { at: Date.parse(next.at) + elapsed * rate, received: wall(), rate }
}

export function clockState(): ClockState | null {
  return state
}

/** Stops this screen's clock at an instant, for looking back; null lets it go on. */
export function holdClock(at: number | null): void {
  held = at
}

/** Service time in milliseconds, exact at the moment of the call; not reactive. Never held. */
export function exactNow(): number {
  return anchor.at + (wall() - anchor.received) * anchor.rate
}

/** Service time in milliseconds, refreshed once a second inside effects and templates. */
export function now(): number {
  void tick
  return held ?? exactNow()
}

/** Keeps `now()` moving while a page is mounted; returns the way to stop. */
export function runClock(periodMs = 1000): () => void {
  users += 1
  timer ??= setInterval(() => (tick += 1), periodMs)
  return () => {
    users -= 1
    if (users === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}
