/** A place as numbers and as words. */
import type { Place } from './types'

/** [longitude, latitude] in degrees, the order of GeoJSON. */
export type Position = [number, number]

/** Null when nobody knows where it is more exactly than in words. */
export function positionOf(place: Pick<Place, 'lat' | 'lon'> | null | undefined): Position | null {
  if (!place || typeof place.lat !== 'number' || typeof place.lon !== 'number') return null
  return [place.lon, place.lat]
}

/** « Tulle, rue Jean-Jaurès »: the commune leads, because that is how a territory is scanned. */
export function placeWords({ commune, label }: Pick<Place, 'commune' | 'label'>): string {
  const street = label === commune ? null : commune && label?.endsWith(`, ${commune}`) ? label.slice(0, -commune.length - 2) : label
  return [commune, street].filter(Boolean).join(', ')
}
