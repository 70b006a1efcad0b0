/** From what the board holds to points and lines on a map. Pure; positions are [longitude, latitude] in degrees. */
import { MINUTE, duration, millis } from '../../lib/format'
import { positionOf, type Position } from '../../lib/places'
import type { CrewState, Sensor, VisitState } from '../../lib/types'
import { isActive } from '../state/model'
import type { Headings } from './headings'

interface Feature<G> { type: 'Feature'; properties: Record<string, string | number | boolean>; geometry: G }
export type PointFeature = Feature<{ type: 'Point'; coordinates: Position }>
export interface Collection<F> { type: 'FeatureCollection'; features: F[] }
export interface Commune { type: 'Feature'; properties: Record<string, unknown>; geometry: { type: 'Polygon'; coordinates: Position[][] } | { type: 'MultiPolygon'; coordinates: Position[][][] } }

export const collection = <F>(features: F[]): Collection<F> => ({ type: 'FeatureCollection', features })

/** After two minutes a position is history: its age is written beside it. */
const OLD_MS = 2 * MINUTE

export function crewPoints(crews: Iterable<CrewState>, chosenId: string | null, now: number, headings: Headings): Collection<PointFeature> {
  const features: PointFeature[] = []
  for (const crew of crews) {
    if (!crew.position || crew.state === 'off') continue
    const age = now - millis(crew.position.at)
    const label = age > OLD_MS && crew.position.source !== 'depot' ? `${crew.name} · ${duration(age)}` : crew.name
    const at: Position = [crew.position.lon, crew.position.lat]
    const heading = headings.of(crew.id, at, crew.state === 'en_route')
    features.push({
      type: 'Feature',
      properties: { id: crew.id, label, state: crew.state, chosen: crew.id === chosenId, ...(heading !== null ? { heading } : {}) },
      geometry: { type: 'Point', coordinates: at },
    })
  }
  return collection(features)
}

/** Last value of each sensor, out of range or not, and whether it is old. */
export function sensorPoints(sensors: readonly Sensor[], valueOf: (one: Sensor) => string): Collection<PointFeature> {
  return collection(sensors.map((one) => ({
    type: 'Feature', properties: { id: one.code, state: one.state, label: valueOf(one) }, geometry: { type: 'Point', coordinates: [one.lon, one.lat] },
  })))
}

/** From where the crew is through what it still has to do. */
export function routeLine(crew: CrewState | undefined, visits: readonly VisitState[]): Collection<Feature<{ type: 'LineString'; coordinates: Position[] }>> {
  if (!crew) return collection([])
  const start: Position = crew.position ? [crew.position.lon, crew.position.lat] : [crew.depot.lon, crew.depot.lat]
  const stops = visits.filter(isActive).map((visit) => positionOf(visit.brief.place)).filter((at) => at !== null)
  if (stops.length === 0) return collection([])
  return collection([{ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: [start, ...stops] } }])
}

/** One label point a commune: a polygon cut by tiles would be labelled in each of them. */
export function townPoints(communes: readonly Commune[]): Collection<PointFeature> {
  const best = new Map<string, { area: number; feature: PointFeature }>()
  for (const commune of communes) {
    const rings = commune.geometry.type === 'Polygon' ? [commune.geometry.coordinates[0]!] : commune.geometry.coordinates.map((one) => one[0]!)
    const name = String(commune.properties.nom ?? commune.properties.name ?? '')
    const population = Number(commune.properties.population ?? 0)
    for (const ring of rings) {
      const { area, at } = centre(ring)
      if (area <= (best.get(name)?.area ?? 0)) continue
      best.set(name, { area, feature: { type: 'Feature', properties: { name, population }, geometry: { type: 'Point', coordinates: at } } })
    }
  }
  return collection([...best.values()].map((one) => one.feature))
}

export function boundsOf(communes: readonly Commune[]): [number, number, number, number] | null {
  const points = communes.flatMap((one) => (one.geometry.type === 'Polygon' ? one.geometry.coordinates.flat() : one.geometry.coordinates.flat(2)))
  if (points.length === 0) return null
  const box: [number, number, number, number] = [180, 90, -180, -90]
  for (const [lon, lat] of points) {
    box[0] = Math.min(box[0], lon)
    box[1] = Math.min(box[1], lat)
    box[2] = Math.max(box[2], lon)
    box[3] = Math.max(box[3], lat)
  }
  return box
}

function centre(ring: readonly Position[]): { area: number; at: Position } {
  let doubled = 0
  let x = 0
  let y = 0
  for (let index = 0; index + 1 < ring.length; index += 1) {
    const [ax, ay] = ring[index]!
    const [bx, by] = ring[index + 1]!
    const cross = ax * by - bx * ay
    doubled += cross
    x += (ax + bx) * cross
    y += (ay + by) * cross
  }
  return { area: Math.abs(doubled) / 2, at: doubled === 0 ? ring[0]! : [x / (3 * doubled), y / (3 * doubled)] }
}
