/** Which days and minutes an authority may set, and what is wrong with those typed. Pure. */
export type Limits = Record<string, readonly [least: number, most: number]>

/** The service judges again: these are its own limits, said before anything is sent. */
export const KEPT: Limits = { positions_days: [1, 366], contacts_days: [7, 1830], words_days: [30, 3660] }
export const FIELD: Limits = { answer_takes_min: [1, 240], lone_interval_min: [2, 240], lone_grace_min: [1, 60] }
export const ANSWERS: Limits = { P1: [1, 1440], P2: [1, 1440], P3: [1, 1440], P4: [1, 1440] }

/** Names of the numbers that are no whole number within their limits. */
export function faults(typed: Record<string, unknown>, limits: Limits): string[] {
  return Object.entries(limits)
    .filter(([name, [least, most]]) => {
      const value = typed[name]
      return typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most
    })
    .map(([name]) => name)
}
