/** Outlines of the communes as SVG path data, in a plane small enough to be drawn behind the login words. */
import { API } from '../lib/api'

type Ring = [number, number][]
interface Feature { geometry: { type: 'Polygon'; coordinates: Ring[] } | { type: 'MultiPolygon'; coordinates: Ring[][] } }

export interface Territory { viewBox: string; paths: string[] }

export async function loadTerritory(): Promise<Territory | null> {
  try {
    const response = await fetch(`${API}/reference/communes.geojson`)
    if (!response.ok) return null
    const { features } = (await response.json()) as { features: Feature[] }
    return features.length > 0 ? drawTerritory(features) : null
  } catch {
    // Decoration only: without it the panel is plain.
    return null
  }
}

export function drawTerritory(features: Feature[]): Territory {
  const rings = features.map((feature) =>
    feature.geometry.type === 'Polygon' ? feature.geometry.coordinates : feature.geometry.coordinates.flat(),
  )
  const points = rings.flat(2)
  const west = Math.min(...points.map((point) => point[0]))
  const east = Math.max(...points.map((point) => point[0]))
  const south = Math.min(...points.map((point) => point[1]))
  const north = Math.max(...points.map((point) => point[1]))
  const squash = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const scale = 1000 / ((east - west) * squash)
  const place = ([lon, lat]: [number, number]) => `${((lon - west) * squash * scale).toFixed(1)} ${((north - lat) * scale).toFixed(1)}`
  return {
    viewBox: `0 0 1000 ${((north - south) * scale).toFixed(0)}`,
    paths: rings.map((group) => group.map((ring) => `M${ring.map(place).join('L')}Z`).join('')),
  }
}
