/** The territory as one drawing: outlines and points in a plane, for a screen nobody moves. Pure. */
import type { Shape } from '../lib/kinds'
import type { Position } from '../lib/places'

export interface Commune { properties: { nom?: string; population?: number; lon?: number; lat?: number }; geometry: { type: 'Polygon'; coordinates: Position[][] } | { type: 'MultiPolygon'; coordinates: Position[][][] } }
export interface Drawing { width: number; height: number; path: string; towns: { name: string; x: number; y: number }[]; at: (lon: number, lat: number) => { x: number; y: number } }

const WIDTH = 1000
/** Room that a name takes, in units of the drawing. */
const WORD = 230
const LINE = 56

/** Outlines in a box 1,000 units wide; a degree of longitude is as short as it is at the middle latitude. */
export function draw(communes: readonly Commune[], towns = 8): Drawing | null {
  const rings = communes.flatMap(ringsOf)
  if (rings.length === 0) return null
  let [west, south, east, north] = [180, 90, -180, -90]
  for (const [lon, lat] of rings.flat()) {
    west = Math.min(west, lon)
    east = Math.max(east, lon)
    south = Math.min(south, lat)
    north = Math.max(north, lat)
  }
  const squeeze = Math.cos(((south + north) / 2) * (Math.PI / 180))
  const scale = WIDTH / ((east - west) * squeeze)
  const at = (lon: number, lat: number) => ({ x: Math.round((lon - west) * squeeze * scale), y: Math.round((north - lat) * scale) })
  const path = rings.map((ring) => `M${ring.map(([lon, lat]) => { const { x, y } = at(lon, lat); return `${x} ${y}` }).join('L')}Z`).join('')
  const named: Drawing['towns'] = []
  for (const { properties } of [...communes].sort((a, b) => (b.properties.population ?? 0) - (a.properties.population ?? 0))) {
    if (named.length === towns || properties.lon === undefined || properties.lat === undefined) continue
    const spot = { name: properties.nom ?? '', ...at(properties.lon, properties.lat) }
    // The larger of two neighbours is named: words over words are none.
    if (named.every((one) => Math.abs(one.x - spot.x) > WORD || Math.abs(one.y - spot.y) > LINE)) named.push(spot)
  }
  return { width: WIDTH, height: Math.round((north - south) * scale), path, at, towns: named }
}

function ringsOf(commune: Commune): Position[][] {
  return commune.geometry.type === 'Polygon' ? [commune.geometry.coordinates[0]!] : commune.geometry.coordinates.map((one) => one[0]!)
}

/** A shape around the origin, as a path; shapes of one radius look equally large. */
export function pathOf(shape: Shape, radius: number): string {
  if (shape === 'circle') return `M${-radius} 0a${radius} ${radius} 0 1 1 ${2 * radius} 0a${radius} ${radius} 0 1 1 ${-2 * radius} 0Z`
  const corners = shape === 'hexagon' ? 6 : 4
  const turn = shape === 'square' ? Math.PI / 4 : 0
  const points = Array.from({ length: corners }, (_, corner) => {
    const angle = (corner / corners) * 2 * Math.PI - Math.PI / 2 + turn
    return `${(Math.cos(angle) * radius * 1.16).toFixed(1)} ${(Math.sin(angle) * radius * 1.16).toFixed(1)}`
  })
  return `M${points.join('L')}Z`
}
