/** Which way a crew goes: from where it was heard last to where it is now, once that is far enough to be a way. */
import type { Position } from '../../lib/places'

/** Boards hear of positions to about 100 m: nearer than this their difference is no direction. */
const APART_M = 250
const METRES_A_DEGREE = 111_320
/** Coarser than what an eye tells apart: the map is not drawn again for less. */
const STEP_DEG = 5

export class Headings {
  #known = new Map<string, { at: Position; heading: number | null }>()

  /** Degrees from north, clockwise; null while a crew stands, or has not gone far since it left in sight of this board. */
  of(id: string, at: Position, isUnderWay: boolean): number | null {
    // The way of the drive before says nothing of the next one.
    const known = isUnderWay ? this.#known.get(id) : undefined
    const heading = known ? headingFrom(known.at, at) : null
    if (!known || heading !== null) this.#known.set(id, { at, heading })
    return heading ?? known?.heading ?? null
  }
}

/** Null when the two are too near each other to tell. */
export function headingFrom([west, south]: Position, [lon, lat]: Position): number | null {
  const east = (lon - west) * METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180)
  const north = (lat - south) * METRES_A_DEGREE
  if (Math.hypot(east, north) < APART_M) return null
  return ((Math.round((Math.atan2(east, north) * 180) / Math.PI / STEP_DEG) * STEP_DEG) % 360 + 360) % 360
}
