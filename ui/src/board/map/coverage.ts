/** The cover of the territory as a layer: four steps against the promise, with the minutes written beside the colour. */
import type { GeoJSONSource, Map as GlMap } from 'maplibre-gl'
import type { Position } from '../../lib/places'
import type { Coverage } from '../../lib/types'
import { collection, type Collection, type Commune, type PointFeature } from './features'
import type { Tokens } from './tokens'

export type Step = 'well' | 'kept' | 'over' | 'far' | 'nobody'
export const STEPS: readonly Step[] = ['well', 'kept', 'over', 'far', 'nobody']
/** Names of colour tokens, from the well covered to the far: one hue, for yellow, red and the colours of states mean other things. */
export const FILL: Record<Exclude<Step, 'nobody'>, string> = { well: 'cover1', kept: 'cover2', over: 'cover3', far: 'cover4' }
const FAR = 1.5

/** How minutes stand against a promise: within half of it, within it, up to half as much over, beyond; or nobody. */
export function stepOf(minutes: number | null, promiseMin: number): Step {
  if (minutes === null) return 'nobody'
  if (minutes <= promiseMin / 2) return 'well'
  if (minutes <= promiseMin) return 'kept'
  return minutes <= promiseMin * FAR ? 'over' : 'far'
}

export function minutePoints(communes: readonly Commune[], cover: Coverage): Collection<PointFeature> {
  const known = new Map(cover.communes.map((one) => [one.insee, one.minutes]))
  return collection(
    communes.flatMap((one): PointFeature[] => {
      const minutes = known.get(String(one.properties.insee))
      const at: Position = [Number(one.properties.lon), Number(one.properties.lat)]
      if (minutes === undefined || minutes === null || at.some(Number.isNaN)) return []
      return [{ type: 'Feature', properties: { minutes: `${minutes}`, population: Number(one.properties.population ?? 0) }, geometry: { type: 'Point', coordinates: at } }]
    }),
  )
}

/** Colour of each commune, as an expression of the map. */
export function fillOf(cover: Coverage, tokens: Tokens): unknown[] {
  const pairs = cover.communes.flatMap((one) => {
    const step = stepOf(one.minutes, cover.promise_min)
    return [one.insee, step === 'nobody' ? 'transparent' : tokens(FILL[step])]
  })
  return ['match', ['get', 'insee'], ...pairs, 'transparent']
}

const LAYERS = ['coverage', 'coverage-nobody', 'coverage-minutes'] as const

/** Which communes nobody would come to: they are hatched. */
export const nobodyIn = (cover: Coverage): string[] => cover.communes.flatMap((one) => (one.minutes === null ? [one.insee] : []))

/** Puts the layer on the map, renews it, or takes it off with null. */
export function paintCoverage(map: GlMap, tokens: Tokens, cover: Coverage | null, communes: readonly Commune[]): void {
  if (!cover || cover.communes.length === 0) {
    for (const name of LAYERS) if (map.getLayer(name)) map.setLayoutProperty(name, 'visibility', 'none')
    return
  }
  const points = minutePoints(communes, cover)
  if (!map.getLayer('coverage')) {
    map.addSource('coverage', { type: 'geojson', data: points as never })
    map.addLayer({ id: 'coverage', type: 'fill', source: 'communes', paint: { 'fill-opacity': 0.85 } }, 'borders')
    map.addLayer({ id: 'coverage-nobody', type: 'fill', source: 'communes', paint: { 'fill-pattern': 'hatch', 'fill-opacity': 0.6 } }, 'borders')
    map.addLayer(
      {
        id: 'coverage-minutes', type: 'symbol', source: 'coverage',
        layout: { 'text-field': ['get', 'minutes'], 'text-font': ['Atkinson Hyperlegible Next Variable'], 'text-size': 12, 'symbol-sort-key': ['-', 0, ['get', 'population']] as never },
        paint: { 'text-color': tokens('text'), 'text-halo-color': tokens('surface'), 'text-halo-width': 1.4 },
      },
      'route',
    )
  }
  ;(map.getSource('coverage') as GeoJSONSource).setData(points as never)
  map.setPaintProperty('coverage', 'fill-color', fillOf(cover, tokens) as never)
  map.setFilter('coverage-nobody', ['in', ['get', 'insee'], ['literal', nobodyIn(cover)]])
  for (const name of LAYERS) map.setLayoutProperty(name, 'visibility', 'visible')
  map.setLayoutProperty('towns', 'visibility', 'visible')
}
