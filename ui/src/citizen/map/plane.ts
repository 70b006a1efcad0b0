/** The plane of the citizen's map: Web Mercator in pixels, and which commune a point lies in. Pure. */
export type Point = [number, number]
export interface Commune { properties: { nom: string; lon: number; lat: number; population: number }; geometry: { type: 'Polygon'; coordinates: Point[][] } | { type: 'MultiPolygon'; coordinates: Point[][][] } }
export interface View { lon: number; lat: number; zoom: number }
export interface Size { width: number; height: number }

const TILE = 256
export const NEAREST = 18

/** Pixels from the north-west corner of the world at a zoom. */
export function project([lon, lat]: Point, zoom: number): Point {
  const scale = TILE * 2 ** zoom
  const sine = Math.sin((lat * Math.PI) / 180)
  return [((lon + 180) / 360) * scale, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * scale]
}

export function unproject([x, y]: Point, zoom: number): Point {
  const scale = TILE * 2 ** zoom
  return [(x / scale) * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / scale))) * 180) / Math.PI]
}

/** Where a place is on the sheet, pixels from its corner. */
export function onSheet(place: Point, view: View, { width, height }: Size): Point {
  const [x, y] = project(place, view.zoom)
  const [cx, cy] = project([view.lon, view.lat], view.zoom)
  return [x - cx + width / 2, y - cy + height / 2]
}

/** What is at a pixel of the sheet. */
export function fromSheet([x, y]: Point, view: View, { width, height }: Size): Point {
  const [cx, cy] = project([view.lon, view.lat], view.zoom)
  return unproject([cx + x - width / 2, cy + y - height / 2], view.zoom)
}

/** The view moved by so many pixels of the sheet. */
export function panned(view: View, dx: number, dy: number, size: Size): View {
  const [lon, lat] = fromSheet([size.width / 2 + dx, size.height / 2 + dy], view, size)
  return { ...view, lon, lat }
}

/** The view nearer or farther around its centre, between the whole territory and a street. */
export function zoomed(view: View, by: number, farthest: number): View {
  return { ...view, zoom: Math.min(NEAREST, Math.max(farthest, view.zoom + by)) }
}

export function ringsOf({ geometry }: Commune): Point[][] {
  return geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat()
}

/** The view that holds all of some communes. */
export function around(communes: readonly Commune[], { width, height }: Size): View {
  const all = communes.flatMap((one) => ringsOf(one).flat()).map((point) => project(point, 0))
  const xs = all.map(([x]) => x)
  const ys = all.map(([, y]) => y)
  // By hand: so many arguments would be too many for one call of Math.min.
  const [west, east] = [xs.reduce((a, b) => Math.min(a, b)), xs.reduce((a, b) => Math.max(a, b))]
  const [north, south] = [ys.reduce((a, b) => Math.min(a, b)), ys.reduce((a, b) => Math.max(a, b))]
  const [lon, lat] = unproject([(west + east) / 2, (north + south) / 2], 0)
  return { lon, lat, zoom: Math.log2(Math.min(width / (east - west), height / (south - north))) - 0.1 }
}

/** The commune of a point: even-odd over all rings, so that holes are outside. */
export function communeAt(communes: readonly Commune[], [lon, lat]: Point): Commune | null {
  const inside = (ring: Point[]): number =>
    ring.reduce((crossed, [x2, y2], at) => {
      const [x1, y1] = ring.at(at - 1)!
      return y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1 ? crossed + 1 : crossed
    }, 0)
  return communes.find((one) => ringsOf(one).reduce((sum, ring) => sum + inside(ring), 0) % 2 === 1) ?? null
}

/** Addresses and corners of the tiles that cover the sheet; `template` has {z}, {x} and {y}. */
export function tilesOf(template: string, view: View, size: Size): { url: string; x: number; y: number; side: number }[] {
  const z = Math.min(NEAREST, Math.max(0, Math.round(view.zoom)))
  const side = TILE * 2 ** (view.zoom - z)
  const [cx, cy] = project([view.lon, view.lat], view.zoom)
  const [left, top] = [cx - size.width / 2, cy - size.height / 2]
  const found = []
  for (let column = Math.floor(left / side); column * side < left + size.width; column++)
    for (let row = Math.max(0, Math.floor(top / side)); row * side < top + size.height; row++)
      found.push({ url: template.replace('{z}', `${z}`).replace('{x}', `${column}`).replace('{y}', `${row}`), x: column * side - left, y: row * side - top, side })
  return found
}
