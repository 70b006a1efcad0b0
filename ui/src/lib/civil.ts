/** Civil time of the service as `datetime-local` fields hold it, whatever the zone of the machine. */
import { civilDay, time } from './format'

/** « 2026-11-24T21:40 ». */
export const localField = (at: string): string => `${civilDay(at)}T${time(at)}`

/** The instant of a civil moment in Paris; '' when it is not one. */
export function instantOf(field: string): string {
  const asked = Date.parse(`${field}:00Z`)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(field) || Number.isNaN(asked)) return ''
  // Twice: the offset of the first guess may be the other side of a change of hour.
  let guess = asked
  for (let turn = 0; turn < 2; turn += 1) guess = asked - (Date.parse(`${localField(new Date(guess).toISOString())}:00Z`) - guess)
  return new Date(guess).toISOString()
}
