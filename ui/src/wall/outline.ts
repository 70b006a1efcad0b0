/** The territory as one drawing: outlines and points in a plane, for a screen nobody moves. Pure. */
import type { Position } from '../lib/places'

export interface Commune { properties: { nom?: string; population?: number; lon?: number; lat?: number }; geometry: { type: 'Polygon'; coordinates: Position[][] } | { type: 'MultiPolygon'; coordinates: Position[][][] } }
export interface Drawing { width: number; height: number; path: string; towns: { name: string; x: number; y: number }[]; at: (lon: number, lat: number) => { x: number; y: number } }

const WIDTH = 1000

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
  const largest = [...communes].sort((a, b) => (b.properties.population ?? 0) - (a.properties.population ?? 0)).slice(0, towns)
  return {
    width: WIDTH, height: Math.round((north - south) * scale), path, at,
    towns: largest.filter((one) => one.properties.lon !== undefined && one.properties.lat !== undefined)
      .map((one) => ({ name: one.properties.nom ?? '', ...at(one.properties.lon!, one.properties.lat!) })),
  }
}

function ringsOf(commune: Commune): Position[][] {
  return commune.geometry.type === 'Polygon' ? [commune.geometry.coordinates[0]!] : commune.geometry.coordinates.map((one) => one[0]!)
}
