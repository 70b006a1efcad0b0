/** Where a turn in hand may go, as cells of the grid, and how the arrow keys walk among them. Pure. */
import type { TurnPrice } from '../lib/types'
import type { Duty, Section } from './table'

export interface Place { key: string; row: number; column: number; lawful: boolean }

/** Cell of a price: the taker's, in the week of the turn, or in that of the turn he gives in return. */
export function placeKey(price: TurnPrice, duty: Pick<Duty, 'post' | 'week_iso'>): string {
  const [given, back] = price.handovers
  const taker = given?.to_id ?? ''
  if (!back) return `${taker} ${duty.week_iso}`
  return `${taker} ${back.duty_id.split(':').at(-1) ?? ''}`
}

export function places(sections: readonly Section[], prices: ReadonlyMap<string, TurnPrice>, duty: Pick<Duty, 'person_id'>): Place[] {
  const rows = sections.flatMap((section) => section.rows)
  return rows.flatMap((row, number) =>
    row.person.id === duty.person_id ? [] : row.cells.flatMap((cell, column) => {
      const key = `${row.person.id} ${cell.week.iso}`
      const price = prices.get(key)
      return price ? [{ key, row: number, column, lawful: price.lawful }] : []
    }),
  )
}

/** The nearest place in a direction, straight on before aside; the place one is at when there is none. */
export function toward(all: readonly Place[], from: Place | null, x: number, y: number): Place | null {
  if (!from) return all[0] ?? null
  const ahead = all.filter((one) => (x !== 0 ? (one.column - from.column) * x > 0 : (one.row - from.row) * y > 0))
  const far = (one: Place): number => {
    const along = Math.abs(x !== 0 ? one.column - from.column : one.row - from.row)
    const aside = Math.abs(x !== 0 ? one.row - from.row : one.column - from.column)
    return along + 100 * aside
  }
  return ahead.sort((a, b) => far(a) - far(b))[0] ?? from
}
