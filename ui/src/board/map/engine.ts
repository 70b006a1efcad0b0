/** Drives maplibre: gets features in, tells clicks out. The only file that imports it, and it is itself imported lazily. */
import 'maplibre-gl/dist/maplibre-gl.css'
import { Map as GlMap, Marker, setWorkerUrl, type GeoJSONSource, type MapMouseEvent } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import type { Position } from '../../lib/places'
import type { Coverage } from '../../lib/types'
import { paintCoverage } from './coverage'
import { diffOf, parted } from './diff'
import { boundsOf, collection, townPoints, type Collection, type Commune, type PointFeature } from './features'
import { LAYERS, type LayerName, type Tiles } from './layers'
import { isDrawnByProcessor } from './software'
import type { SectorPicture } from './sectors'
import { GATHERED_TO, arrowhead, hatching, pill, styleOf } from './style'
import { RATIO, type Symbol } from './symbols'
import type { Tokens } from './tokens'

// Bundlers cannot see through maplibre's own worker loading: without this the map stays grey with « Worker failed to load ».
setWorkerUrl(workerUrl)

const SETTLED_MS = 3_000
/** Points move once a picture: a graphics card has time for ten a second, a processor has other work. */
const PAUSE_MS = { card: 100, processor: 1_500 }

export interface Camera { center: [number, number]; zoom: number }
export interface Handlers { onIncident: (id: string) => void; onCrew: (id: string) => void; onGround?: (lat: number, lon: number) => void }
export interface Drawn { id: string; at: Position; score: number; symbol: Symbol }
export interface Picture { incidents: readonly Drawn[]; crews: Collection<PointFeature>; route: Collection<unknown> }

const RANK = { P1: 4, P2: 3, P3: 2, P4: 1 }

export class Engine {
  readonly isSlow = isDrawnByProcessor()
  #map: GlMap
  #tokens: Tokens
  #ready: Promise<void>
  #isReady = false
  #held = new Map<string, ReadonlyMap<string, string>>()
  #images = new Set<string>()
  #route = ''
  #wanted: Picture | null = null
  #isDrawing = false
  #ring: Marker

  constructor(container: HTMLElement, tokens: Tokens, camera: Camera | null, handlers: Handlers, tiles: Tiles | null = null) {
    this.#tokens = tokens
    this.#map = new GlMap({
      container, style: styleOf(tokens, tiles), attributionControl: false, dragRotate: false, pitchWithRotate: false, maxPitch: 0,
      minZoom: 6, maxZoom: 17, fadeDuration: 0, center: camera?.center ?? [1.87, 45.35], zoom: camera?.zoom ?? 8.4,
      ...(this.isSlow ? { pixelRatio: 1 } : {}),
    })
    this.#map.touchZoomRotate.disableRotation()
    // Not at `load`, which waits for every tile: a tile server that does not answer would keep back all that we hold ourselves.
    this.#ready = new Promise((resolve) => this.#map.once('style.load', () => ((this.#isReady = true), resolve())))
    void this.#ready.then(() => {
      const plate = pill(tokens)
      this.#map.addImage('pill', plate.image, plate.options)
      this.#map.addImage('heading', arrowhead(tokens), { pixelRatio: 2 })
      this.#map.addImage('hatch', hatching(tokens), { pixelRatio: 2 })
    })
    this.#map.on('click', (event) => void this.#click(event, handlers))
    this.#map.on('mousemove', (event) => {
      this.#map.getCanvas().style.cursor = this.#hit(event) ? 'pointer' : ''
    })
    // An element above the canvas: to choose is free, where a filter would make every point be drawn again.
    const ring = document.createElement('span')
    ring.className = 'ring'
    this.#ring = new Marker({ element: ring })
  }

  async setCommunes(communes: Commune[], fit: boolean, bottomPx: number): Promise<void> {
    await this.#ready
    this.#source('communes').setData(collection(communes) as never)
    this.#source('towns').setData(townPoints(communes) as never)
    const box = boundsOf(communes)
    if (fit && box) this.#map.fitBounds(box, { padding: { top: 24, left: 16, right: 16, bottom: bottomPx }, animate: false })
  }

  /** Draws the newest picture, and no other before it is on screen and a pause is over. */
  async show(picture: Picture): Promise<void> {
    await this.#ready
    this.#wanted = picture
    if (this.#isDrawing) return
    this.#isDrawing = true
    while (this.#wanted !== null) {
      const next = this.#wanted
      this.#wanted = null
      if (!(await this.#draw(next))) continue
      await this.#settled()
      await new Promise((resolve) => setTimeout(resolve, this.isSlow ? PAUSE_MS.processor : PAUSE_MS.card))
    }
    this.#isDrawing = false
  }

  async #draw({ incidents, crews, route }: Picture): Promise<boolean> {
    await this.#paint(incidents)
    const { alone, crowd } = parted(incidents)
    const written = [this.#write('incidents', alone.map(featureOf)), this.#write('crowd', crowd.map(featureOf)), this.#write('crews', crews.features)]
    const line = JSON.stringify(route)
    if (line === this.#route) return written.includes(true)
    this.#route = line
    this.#source('route').setData(route as never)
    return true
  }

  /** Only what changed travels to the worker. */
  #write(name: string, features: readonly PointFeature[]): boolean {
    const { add, remove, held } = diffOf(this.#held.get(name) ?? new Map(), features)
    this.#held.set(name, held)
    if (add.length === 0 && remove.length === 0) return false
    void this.#source(name).updateData({ remove, add: add as never })
    return true
  }

  /** Resolves when nothing is left to draw; a hidden map never gets there, so not later than that. */
  #settled(): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(resolve, SETTLED_MS)
      this.#map.once('idle', () => (clearTimeout(late), resolve()))
    })
  }

  /** Rings the place of what is chosen; null takes the ring away. */
  choose(at: Position | null): void {
    if (at) this.#ring.setLngLat(at).addTo(this.#map)
    else this.#ring.remove()
  }

  /** The cover of the territory under everything else; null takes it off. */
  async setCoverage(cover: Coverage | null, communes: readonly Commune[]): Promise<void> {
    await this.#ready
    paintCoverage(this.#map, this.#tokens, cover, communes)
  }

  /** Hatches the territory, denser with the level of the weather, 0 to 3. */
  async setWeather(level: number): Promise<void> {
    await this.#ready
    this.#map.setPaintProperty('weather', 'fill-opacity', level / 8)
    this.#map.setLayoutProperty('weather', 'visibility', level > 0 ? 'visible' : 'none')
  }

  async setSectors(picture: SectorPicture): Promise<void> {
    await this.#ready
    this.#source('sectors').setData(picture.lines as never)
    this.#source('sector-middles').setData(picture.names as never)
  }

  async setSensors(points: Collection<PointFeature>): Promise<void> {
    await this.#ready
    this.#write('sensors', points.features)
  }

  async setLayers(hidden: readonly LayerName[]): Promise<void> {
    await this.#ready
    for (const [name, layers] of Object.entries(LAYERS) as [LayerName, string[]][]) {
      const visibility = hidden.includes(name) ? 'none' : 'visible'
      for (const layer of layers) if (this.#map.getLayer(layer)) this.#map.setLayoutProperty(layer, 'visibility', visibility)
    }
  }

  /** One mark, with the map brought to it: the place of a call. */
  async point(at: Position | null): Promise<void> {
    await this.#ready
    const feature = { type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: at ?? [0, 0] } }
    this.#source('point').setData((at ? feature : collection([])) as never)
    if (at) this.#map.easeTo({ center: at, zoom: Math.max(12, this.#map.getZoom()), duration: 0 })
  }

  /** Brings a point into the part that nothing covers; does nothing when it is already there. */
  async reveal([lon, lat]: Position, bottomPx: number, animate: boolean): Promise<void> {
    await this.#ready
    const { x, y } = this.#map.project([lon, lat])
    const { clientWidth, clientHeight } = this.#map.getContainer()
    const inSight = x > 40 && x < clientWidth - 40 && y > 60 && y < clientHeight - bottomPx - 40
    if (inSight) return
    this.#map.easeTo({ center: [lon, lat], offset: [0, -bottomPx / 2], duration: animate && !this.isSlow ? 180 : 0, essential: true })
  }

  /** Brings a point to the middle of what nothing covers, so near that nothing gathers with it any more. */
  async bring([lon, lat]: Position, bottomPx: number): Promise<void> {
    await this.#ready
    this.#map.easeTo({ center: [lon, lat], offset: [0, -bottomPx / 2], zoom: Math.max(GATHERED_TO + 1, this.#map.getZoom()), duration: 0 })
  }

  /** Around what is chosen where it is in sight, else around the middle of the part that nothing covers. */
  zoomBy(steps: number, bottomPx: number, chosen: Position | null): void {
    const { clientWidth, clientHeight } = this.#map.getContainer()
    const spot = chosen && this.#map.project(chosen)
    const isSeen = spot && spot.x > 0 && spot.x < clientWidth && spot.y > 0 && spot.y < clientHeight - bottomPx
    const around = this.#map.unproject(isSeen ? spot : [clientWidth / 2, (clientHeight - bottomPx) / 2])
    this.#map.easeTo({ zoom: this.#map.getZoom() + steps, around, duration: this.isSlow ? 0 : 120 })
  }

  camera(): Camera {
    const { lng, lat } = this.#map.getCenter()
    return { center: [lng, lat], zoom: this.#map.getZoom() }
  }

  resize(): void {
    this.#map.resize()
  }

  destroy(): void {
    this.#wanted = null
    this.#map.remove()
  }

  async #paint(all: readonly Drawn[]): Promise<void> {
    const missing = new Map(all.filter((one) => !this.#images.has(one.symbol.name)).map((one) => [one.symbol.name, one.symbol]))
    await Promise.all([...missing].map(async ([name, symbol]) => {
      this.#images.add(name)
      const image = await symbol.draw(this.#tokens)
      if (!this.#map.hasImage(name)) this.#map.addImage(name, image, { pixelRatio: RATIO })
    }))
  }

  #source(name: string): GeoJSONSource {
    return this.#map.getSource(name) as GeoJSONSource
  }

  #hit(event: MapMouseEvent): { layer: string; id: string; at: Position } | null {
    const { x, y } = event.point
    const found = this.#isReady ? this.#map.queryRenderedFeatures([[x - 4, y - 4], [x + 4, y + 4]], { layers: ['incidents', 'lone', 'gathered', 'crews'] })[0] : undefined
    if (!found) return null
    const { lng, lat } = event.lngLat
    const at: Position = found.geometry.type === 'Point' ? (found.geometry.coordinates as Position) : [lng, lat]
    return { layer: found.layer.id, id: String(found.properties.id ?? found.properties.cluster_id), at }
  }

  async #click(event: MapMouseEvent, handlers: Handlers): Promise<void> {
    const hit = this.#hit(event)
    if (hit?.layer === 'incidents' || hit?.layer === 'lone') handlers.onIncident(hit.id)
    else if (hit?.layer === 'crews') handlers.onCrew(hit.id)
    else if (hit) {
      const zoom = await this.#source('crowd').getClusterExpansionZoom(Number(hit.id))
      this.#map.easeTo({ center: hit.at, zoom, duration: this.isSlow ? 0 : 180 })
    } else handlers.onGround?.(event.lngLat.lat, event.lngLat.lng)
  }
}

function featureOf(one: Drawn): PointFeature {
  const { name, priority } = one.symbol
  return {
    type: 'Feature',
    properties: { id: one.id, icon: name, score: one.score, rank: RANK[priority] },
    geometry: { type: 'Point', coordinates: one.at },
  }
}
