/**
 * Many incidents as few: those that may have one cause, those of a sector, those of a kind. Pure; times in milliseconds,
 * places in degrees.
 */
import { HOUR, millis } from '../../lib/format'
import type { Row } from './queue.svelte'

export type Grouping = 'cause' | 'sector' | 'category'
export interface Group { key: string; rows: Row[]; urgent: number; waiting: number }
export interface Names { sectorOf: (insee: string | null | undefined) => string | undefined; waits: (row: Row) => boolean }

/** Reports of one kind so near in place and time are suspected to be one thing. */
export const NEAR_M = 700
export const TOGETHER_MS = 3 * HOUR
const METRES_A_DEGREE = 111_320
const FIRST = 'P2'

/** Key of those that no cause joins to another: told by themselves, they are still there to be seen. */
export const ALONE = ''

/** Groups, the one with most that waits first; a suspected cause needs at least two incidents. Every row is in one group. */
export function groupsOf(rows: readonly Row[], by: Grouping, names: Names): Group[] {
  const lists = by === 'cause' ? causes(rows) : grouped(rows, (row) => (by === 'sector' ? (names.sectorOf(row.incident.place.insee) ?? '') : row.incident.category))
  return [...lists]
    .map(([key, members]): Group => ({
      key, rows: members,
      urgent: members.filter((row) => row.incident.priority <= FIRST).length,
      waiting: members.filter(names.waits).length,
    }))
    .sort((a, b) => b.waiting - a.waiting || b.rows.length - a.rows.length || a.key.localeCompare(b.key))
}

function grouped(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const lists = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const list = lists.get(key)
    if (list) list.push(row)
    else lists.set(key, [row])
  }
  return lists
}

/** Chains of incidents of one kind, each near the next in place and time; the key is the one told first. */
function causes(rows: readonly Row[]): Map<string, Row[]> {
  const placed = rows.filter((row) => row.incident.place.lat !== null && row.incident.place.lat !== undefined && row.incident.place.lon !== null && row.incident.place.lon !== undefined)
  const toldAt = new Map(placed.map((row) => [row, millis(row.incident.reported_at)]))
  const cells = grouped(placed, (row) => cellOf(row, 0, 0))
  const leader = new Map<Row, Row>(placed.map((row) => [row, row]))
  const find = (row: Row): Row => {
    let at = row
    while (leader.get(at) !== at) {
      const above = leader.get(leader.get(at)!)!
      leader.set(at, above)
      at = above
    }
    return at
  }
  for (const row of placed) {
    for (const north of [-1, 0, 1]) {
      for (const east of [-1, 0, 1]) {
        for (const other of cells.get(cellOf(row, north, east)) ?? []) {
          if (other !== row && Math.abs(toldAt.get(row)! - toldAt.get(other)!) <= TOGETHER_MS && isNear(row, other)) leader.set(find(other), find(row))
        }
      }
    }
  }
  const chains = [...grouped(placed, (row) => find(row).incident.id).values()].filter((members) => members.length > 1)
  const joined = new Set(chains.flat())
  const alone = rows.filter((row) => !joined.has(row))
  const found = new Map(chains.map((members) => [members.reduce((a, b) => (millis(a.incident.reported_at) <= millis(b.incident.reported_at) ? a : b)).incident.id, members]))
  return alone.length > 0 ? found.set(ALONE, alone) : found
}

const NORTH = NEAR_M / METRES_A_DEGREE
/** Cells wide enough at 60° north that what is near lies in a neighbouring one. */
const EAST = NORTH * 2

function cellOf({ incident }: Row, north: number, east: number): string {
  return `${incident.category} ${Math.floor(incident.place.lat! / NORTH) + north} ${Math.floor(incident.place.lon! / EAST) + east}`
}

function isNear(a: Row, b: Row): boolean {
  const { lat, lon } = a.incident.place
  const there = b.incident.place
  const north = (lat! - there.lat!) * METRES_A_DEGREE
  const east = (lon! - there.lon!) * METRES_A_DEGREE * Math.cos((lat! * Math.PI) / 180)
  return Math.hypot(north, east) <= NEAR_M
}
