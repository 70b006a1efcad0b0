/** Drives maplibre: gets features in, tells clicks out. The only file that imports it, and it is itself imported lazily. */
import 'maplibre-gl/dist/maplibre-gl.css'
import { Map as GlMap, setWorkerUrl, type GeoJSONSource, type MapMouseEvent } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import type { Position } from '../../lib/places'
import type { Coverage } from '../../lib/types'
import { paintCoverage } from './coverage'
import { boundsOf, collection, townPoints, type Collection, type Commune, type PointFeature } from './features'
import { pill, styleOf } from './style'
import { RATIO, type Symbol } from './symbols'
import type { Tokens } from './tokens'

// Bundlers cannot see through maplibre's own worker loading: without this the map stays grey with « Worker failed to load ».
setWorkerUrl(workerUrl)

const SETTLED_MS = 3_000

export interface Camera { center: [number, number]; zoom: number }
export interface Handlers { onIncident: (id: string) => void; onCrew: (id: string) => void; onGround?: (lat: number, lon: number) => void }
export interface Drawn { id: string; at: Position; score: number; symbol: Symbol }

export class Engine {
  #map: GlMap
  #tokens: Tokens
  #ready: Promise<void>
  #drawn = new Map<string, string>()
  #images = new Set<string>()
  #written = new Map<string, string>()
  #wanted: readonly Drawn[] | null = null
  #isDrawing = false

  constructor(container: HTMLElement, tokens: Tokens, camera: Camera | null, handlers: Handlers) {
    this.#tokens = tokens
    this.#map = new GlMap({
      container, style: styleOf(tokens), attributionControl: false, dragRotate: false, pitchWithRotate: false, maxPitch: 0,
      minZoom: 6, maxZoom: 17, fadeDuration: 0, center: camera?.center ?? [1.87, 45.35], zoom: camera?.zoom ?? 8.4,
    })
    this.#map.touchZoomRotate.disableRotation()
    this.#ready = new Promise((resolve) => this.#map.once('load', () => resolve()))
    void this.#ready.then(() => {
      const plate = pill(tokens)
      this.#map.addImage('pill', plate.image, plate.options)
    })
    this.#map.on('click', (event) => this.#click(event, handlers))
    this.#map.on('mousemove', (event) => {
      this.#map.getCanvas().style.cursor = this.#hit(event) ? 'pointer' : ''
    })
  }

  async setCommunes(communes: Commune[], fit: boolean, bottomPx: number): Promise<void> {
    await this.#ready
    this.#source('communes').setData(collection(communes) as never)
    this.#source('towns').setData(townPoints(communes) as never)
    const box = boundsOf(communes)
    if (fit && box) this.#map.fitBounds(box, { padding: { top: 24, left: 16, right: 16, bottom: bottomPx }, animate: false })
  }

  /** Draws the newest picture, and no other before it is on screen: on a machine without a graphics card each one
   *  takes most of a second, and a storm brings ten changes in that time. */
  async setIncidents(all: readonly Drawn[]): Promise<void> {
    await this.#ready
    this.#wanted = all
    if (this.#isDrawing) return
    this.#isDrawing = true
    while (this.#wanted !== null) {
      const next = this.#wanted
      this.#wanted = null
      if (await this.#draw(next)) await this.#settled()
    }
    this.#isDrawing = false
  }

  /** Only what changed travels to the worker: replacing 1,000 points costs a second on a slow machine. */
  async #draw(all: readonly Drawn[]): Promise<boolean> {
    await this.#paint(all)
    const next = new Map(all.map((one) => [one.id, `${one.symbol.name} ${one.at.join()} ${one.score}`]))
    const changed = all.filter((one) => this.#drawn.get(one.id) !== next.get(one.id))
    const remove = [...this.#drawn.keys()].filter((id) => !next.has(id))
    this.#drawn = next
    if (changed.length === 0 && remove.length === 0) return false
    const features = changed.map((one): PointFeature => ({
      type: 'Feature',
      properties: { id: one.id, icon: one.symbol.name, score: one.score },
      geometry: { type: 'Point', coordinates: one.at },
    }))
    void this.#source('incidents').updateData({ remove: [...remove, ...changed.map((one) => one.id)], add: features as never })
    return true
  }

  /** Resolves when nothing is left to draw; a hidden map never gets there, so not later than that. */
  #settled(): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(resolve, SETTLED_MS)
      this.#map.once('idle', () => (clearTimeout(late), resolve()))
    })
  }

  async setCrews(crews: Collection<PointFeature>, route: Collection<unknown>): Promise<void> {
    await this.#ready
    this.#replace('crews', crews)
    this.#replace('route', route)
  }

  /** The cover of the territory under everything else; null takes it off. */
  async setCoverage(cover: Coverage | null, communes: readonly Commune[]): Promise<void> {
    await this.#ready
    paintCoverage(this.#map, this.#tokens, cover, communes)
  }

  async choose(id: string | null): Promise<void> {
    await this.#ready
    this.#map.setFilter('chosen', ['==', ['get', 'id'], id ?? ''])
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
    this.#map.easeTo({ center: [lon, lat], offset: [0, -bottomPx / 2], duration: animate ? 180 : 0, essential: true })
  }

  zoomBy(steps: number): void {
    this.#map.zoomTo(this.#map.getZoom() + steps, { duration: 120 })
  }

  camera(): Camera {
    const { lng, lat } = this.#map.getCenter()
    return { center: [lng, lat], zoom: this.#map.getZoom() }
  }

  resize(): void {
    this.#map.resize()
  }

  destroy(): void {
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

  /** Gives a small source its features, unless they are those it has: each change costs several frames. */
  #replace(name: string, features: Collection<unknown>): void {
    const written = JSON.stringify(features)
    if (this.#written.get(name) === written) return
    this.#written.set(name, written)
    this.#source(name).setData(features as never)
  }

  #source(name: string): GeoJSONSource {
    return this.#map.getSource(name) as GeoJSONSource
  }

  #hit(event: MapMouseEvent): { layer: string; id: string } | null {
    const { x, y } = event.point
    const found = this.#map.isStyleLoaded() ? this.#map.queryRenderedFeatures([[x - 4, y - 4], [x + 4, y + 4]], { layers: ['incidents', 'crews'] })[0] : undefined
    return found ? { layer: found.layer.id, id: String(found.properties.id) } : null
  }

  #click(event: MapMouseEvent, handlers: Handlers): void {
    const hit = this.#hit(event)
    if (hit?.layer === 'incidents') handlers.onIncident(hit.id)
    else if (hit) handlers.onCrew(hit.id)
    else handlers.onGround?.(event.lngLat.lat, event.lngLat.lng)
  }
}
