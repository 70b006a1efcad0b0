/** Outlines of sectors from those of their communes: an edge between two communes of one sector is no border. Pure. */
import type { Position } from '../../lib/places'
import { collection, townPoints, type Collection, type Commune, type PointFeature } from './features'

export interface LineFeature { type: 'Feature'; properties: Record<string, string>; geometry: { type: 'MultiLineString'; coordinates: Position[][] } }
export interface SectorPicture { lines: Collection<LineFeature>; names: Collection<PointFeature> }

interface Edge { from: Position; to: Position; sectors: string[] }

/**
 * Edges that belong to one sector only, or to two different ones. Neighbours share the very points of their common
 * border, as the outlines come from one topology; where they do not, a line too many is drawn, never one too few.
 */
export function sectorPicture(communes: readonly Commune[], sectorOf: (insee: string) => string | undefined): SectorPicture {
  const edges = new Map<string, Edge>()
  const held = new Map<string, Commune[]>()
  for (const commune of communes) {
    const sector = sectorOf(String(commune.properties.insee ?? ''))
    if (!sector) continue
    held.set(sector, [...(held.get(sector) ?? []), commune])
    for (const ring of ringsOf(commune)) gather(edges, ring, sector)
  }
  const lines = [...edges.values()].filter(({ sectors }) => sectors.length === 1 || sectors[0] !== sectors[1]).map(({ from, to }) => [from, to])
  const names = [...held].map(([name, members]) => ({ type: 'Feature' as const, properties: { name }, geometry: { type: 'Point' as const, coordinates: middleOf(members) } }))
  return {
    lines: collection(lines.length ? [{ type: 'Feature', properties: {}, geometry: { type: 'MultiLineString', coordinates: lines } }] : []),
    names: collection(names),
  }
}

function ringsOf({ geometry }: Commune): Position[][] {
  return geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat()
}

function gather(edges: Map<string, Edge>, ring: readonly Position[], sector: string): void {
  for (let index = 0; index + 1 < ring.length; index += 1) {
    const from = ring[index]!
    const to = ring[index + 1]!
    const [a, b] = [from.join(), to.join()]
    const key = a < b ? `${a} ${b}` : `${b} ${a}`
    const known = edges.get(key)
    if (known) known.sectors.push(sector)
    else edges.set(key, { from, to, sectors: [sector] })
  }
}

/** Mean of the middles of its communes. */
function middleOf(communes: readonly Commune[]): Position {
  const points = townPoints(communes).features.map((one) => one.geometry.coordinates)
  const sum = points.reduce(([x, y], [lon, lat]) => [x + lon, y + lat] as Position, [0, 0] as Position)
  return [sum[0] / points.length, sum[1] / points.length]
}
