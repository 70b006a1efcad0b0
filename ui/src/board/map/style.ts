/** The base of the map and its layers: outlines we hold ourselves, no tile server, labels drawn with the page's font. */
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { Tiles } from './layers'
import type { Tokens } from './tokens'

const FONT = ['Atkinson Hyperlegible Next Variable']
/** Nearer than this level nothing gathers. */
export const GATHERED_TO = 12
const EMPTY = { type: 'FeatureCollection' as const, features: [] }

export function styleOf(tokens: Tokens, tiles: Tiles | null): StyleSpecification {
  const source = (more: object = {}) => ({ type: 'geojson' as const, data: EMPTY, ...more })
  const worst = { worst: ['max', ['get', 'rank']] }
  return {
    version: 8,
    sources: {
      communes: source(), towns: source(), route: source(), point: source(), sectors: source(), 'sector-middles': source(), sensors: source({ promoteId: 'id' }),
      crews: source({ promoteId: 'id' }), incidents: source({ promoteId: 'id' }),
      crowd: source({ promoteId: 'id', cluster: true, clusterRadius: 44, clusterMaxZoom: GATHERED_TO, clusterProperties: worst }),
      ...(tiles ? { tiles: { type: 'raster' as const, tiles: [tiles.url], tileSize: 256, maxzoom: 19 } } : {}),
    },
    layers: [...ground(tokens, tiles !== null), ...outlines(tokens), ...things(tokens).flatMap((one) => (one.id === 'incidents' ? [...sensed(tokens), ...crowd(tokens), one] : [one]))],
  }
}

function ground(tokens: Tokens, hasTiles: boolean): LayerSpecification[] {
  const population = ['coalesce', ['get', 'population'], 0] as never
  return [
    { id: 'back', type: 'background', paint: { 'background-color': tokens('bg') } },
    {
      id: 'land', type: 'fill', source: 'communes', ...(hasTiles ? { layout: { visibility: 'none' as const } } : {}),
      paint: { 'fill-color': ['case', ['>=', population, 8000], tokens('land2'), tokens('land')] as never },
    },
    ...(hasTiles ? [{ id: 'tiles', type: 'raster' as const, source: 'tiles', paint: { 'raster-saturation': -0.6, 'raster-opacity': 0.85 } }] : []),
    { id: 'weather', type: 'fill', source: 'communes', layout: { visibility: 'none' }, paint: { 'fill-pattern': 'hatch' } },
    { id: 'borders', type: 'line', source: 'communes', paint: { 'line-color': tokens('mapline'), 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.7, 11, 1.4] } },
    {
      id: 'towns', type: 'symbol', source: 'towns',
      filter: ['>=', population, ['step', ['zoom'], 2600, 9.2, 900, 10.4, 250, 11.5, 0]] as never,
      layout: {
        'text-field': ['get', 'name'], 'text-font': FONT, 'text-max-width': 8, 'text-padding': 4,
        'text-variable-anchor': ['center', 'top', 'bottom', 'right', 'left'], 'text-radial-offset': 1.1,
        'text-size': ['step', population, 11.5, 4000, 12.5, 10000, 14] as never,
        'symbol-sort-key': ['-', 0, population] as never,
      },
      paint: { 'text-color': tokens('text2'), 'text-halo-color': tokens('land'), 'text-halo-width': 1.6 },
    },
  ]
}

/** Who answers where: borders of sectors above those of communes, and their names. */
function outlines(tokens: Tokens): LayerSpecification[] {
  const hidden = { visibility: 'none' as const }
  return [
    { id: 'sector-lines', type: 'line', source: 'sectors', layout: { ...hidden, 'line-join': 'round', 'line-cap': 'round' }, paint: { 'line-color': tokens('ink2'), 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 1.6, 11, 3] } },
    {
      id: 'sector-names', type: 'symbol', source: 'sector-middles',
      layout: { ...hidden, 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 14, 'text-letter-spacing': 0.04, 'text-allow-overlap': true },
      paint: { 'text-color': tokens('text'), 'text-halo-color': tokens('land'), 'text-halo-width': 2.4 },
    },
  ]
}

/** Sensors: a small dot, a larger red one out of range, a hollow one when nothing was heard; the value below it. */
function sensed(tokens: Tokens): LayerSpecification[] {
  const isOdd = ['in', ['get', 'state'], ['literal', ['low', 'high']]]
  const isQuiet = ['in', ['get', 'state'], ['literal', ['stale', 'silent']]]
  const hidden = { visibility: 'none' as const }
  return [
    {
      id: 'sensors', type: 'circle', source: 'sensors', layout: hidden,
      paint: {
        'circle-radius': ['case', isOdd, 8, 5] as never, 'circle-color': ['case', isQuiet, tokens('surface'), isOdd, tokens('risk'), tokens('text3')] as never,
        'circle-stroke-color': ['case', isQuiet, tokens('text3'), tokens('surface')] as never, 'circle-stroke-width': 2,
      },
    },
    {
      id: 'sensor-values', type: 'symbol', source: 'sensors', filter: ['any', isOdd, ['>=', ['zoom'], 9.4]] as never,
      layout: { ...hidden, 'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': 12, 'text-anchor': 'top', 'text-offset': [0, 0.9], 'text-optional': true },
      paint: { 'text-color': ['case', isOdd, tokens('risktext'), tokens('text2')] as never, 'text-halo-color': tokens('surface'), 'text-halo-width': 1.8 },
    },
  ]
}

/** Where many crowd, how many they are, with an ink ring where one of them is grave. */
function crowd(tokens: Tokens): LayerSpecification[] {
  const isGrave = ['>=', ['get', 'worst'], 3]
  return [
    {
      id: 'gathered', type: 'circle', source: 'crowd', filter: ['has', 'point_count'],
      paint: {
        'circle-radius': ['step', ['get', 'point_count'], 13, 10, 16, 50, 20, 200, 25] as never,
        'circle-color': tokens('surface'), 'circle-stroke-width': 2,
        'circle-stroke-color': ['case', isGrave, tokens('ink'), tokens('edge')] as never,
      },
    },
    {
      id: 'counts', type: 'symbol', source: 'crowd', filter: ['has', 'point_count'],
      layout: { 'text-field': ['get', 'point_count_abbreviated'], 'text-font': FONT, 'text-size': 12.5, 'text-allow-overlap': true, 'text-ignore-placement': true },
      paint: { 'text-color': tokens('text') },
    },
    {
      id: 'lone', type: 'symbol', source: 'crowd', filter: ['!', ['has', 'point_count']],
      layout: { 'icon-image': ['get', 'icon'], 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'symbol-sort-key': ['get', 'score'] },
    },
  ]
}

function things(tokens: Tokens): LayerSpecification[] {
  const state = (name: string, colour: string) => [name, tokens(colour)]
  return [
    { id: 'route', type: 'line', source: 'route', layout: { 'line-cap': 'round' }, paint: { 'line-color': tokens('accent'), 'line-width': 3, 'line-dasharray': [0.2, 2] } },
    {
      id: 'point', type: 'circle', source: 'point',
      paint: { 'circle-radius': 17, 'circle-color': tokens('surface'), 'circle-opacity': 0.4, 'circle-stroke-color': tokens('accent'), 'circle-stroke-width': 4 },
    },
    {
      // Under the incidents: a crew on site is told by the fill of its incident, and must not hide its icon.
      id: 'crews', type: 'circle', source: 'crews',
      paint: {
        'circle-radius': ['case', ['get', 'chosen'], 9, 6.5] as never,
        'circle-color': ['match', ['get', 'state'], ...state('on_site', 'site'), ...state('en_route', 'go'), ...state('paused', 'hold'), tokens('ink2')] as never,
        'circle-stroke-color': tokens('surface'), 'circle-stroke-width': 2,
      },
    },
    {
      // An arrowhead before the dot, on the side to which the crew goes.
      id: 'crew-headings', type: 'symbol', source: 'crews', filter: ['has', 'heading'],
      layout: {
        'icon-image': 'heading', 'icon-rotate': ['get', 'heading'], 'icon-rotation-alignment': 'map', 'icon-offset': [0, -13],
        'icon-allow-overlap': true, 'icon-ignore-placement': true,
      },
    },
    {
      id: 'incidents', type: 'symbol', source: 'incidents',
      layout: {
        'icon-image': ['get', 'icon'], 'icon-allow-overlap': true, 'icon-ignore-placement': true,
        'symbol-sort-key': ['get', 'score'],
      },
    },
    {
      id: 'crew-names', type: 'symbol', source: 'crews', filter: ['any', ['>=', ['zoom'], 9], ['get', 'chosen']] as never,
      layout: {
        'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': 12, 'text-anchor': 'left', 'text-offset': [1.2, 0],
        'icon-image': 'pill', 'icon-text-fit': 'both', 'icon-text-fit-padding': [2, 5, 2, 5],
        'text-optional': true, 'icon-optional': true,
        // Names of crews give way to each other, never the names of towns to them.
        'text-ignore-placement': true, 'icon-ignore-placement': true,
      },
      paint: { 'text-color': tokens('text') },
    },
  ]
}

/** The plate behind a crew's name: a rounded box that stretches with the word. */
export function pill(tokens: Tokens): { image: ImageData; options: object } {
  const side = 24
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = side * 2
  const pen = canvas.getContext('2d', { willReadFrequently: true })!
  pen.scale(2, 2)
  pen.roundRect(1, 1, side - 2, side - 2, 5)
  pen.fillStyle = tokens('surface')
  pen.fill()
  pen.strokeStyle = tokens('line')
  pen.stroke()
  return {
    image: pen.getImageData(0, 0, side * 2, side * 2),
    options: { pixelRatio: 2, stretchX: [[16, 32]], stretchY: [[16, 32]], content: [6, 6, 42, 42] },
  }
}

/** The sky that is warned of: hatching in the map's own ink, for yellow and red mean other things here. */
export function hatching(tokens: Tokens): ImageData {
  const side = 16
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = side
  const pen = canvas.getContext('2d', { willReadFrequently: true })!
  pen.strokeStyle = tokens('ink2')
  pen.lineWidth = 1.6
  // Three strokes, so that the corners of one tile go on in the next.
  for (const shift of [-side, 0, side]) {
    pen.moveTo(shift - 1, side + 1)
    pen.lineTo(shift + side + 1, -1)
  }
  pen.stroke()
  return pen.getImageData(0, 0, side, side)
}

/** Which way a crew goes: a small arrowhead that points north, turned by the layer. */
export function arrowhead(tokens: Tokens): ImageData {
  const [width, height, ratio] = [14, 9, 2]
  const canvas = document.createElement('canvas')
  canvas.width = width * ratio
  canvas.height = height * ratio
  const pen = canvas.getContext('2d', { willReadFrequently: true })!
  pen.scale(ratio, ratio)
  pen.moveTo(1.5, height - 1)
  pen.lineTo(width / 2, 1)
  pen.lineTo(width - 1.5, height - 1)
  pen.closePath()
  pen.fillStyle = tokens('go')
  pen.strokeStyle = tokens('surface')
  pen.lineWidth = 1.6
  pen.lineJoin = 'round'
  pen.stroke()
  pen.fill()
  return pen.getImageData(0, 0, canvas.width, canvas.height)
}
