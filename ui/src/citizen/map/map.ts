/**
 * A place shown on a map: a sheet that moves under a cross, by finger, mouse or keys. It comes only when somebody asks
 * for it, draws what the service holds (and raster tiles where the authority chose some), and writes into the form's own
 * fields: without it the form asks the same in words.
 */
import { around, communeAt, fromSheet, onSheet, panned, ringsOf, tilesOf, zoomed, type Commune, type Point, type View } from './plane'

const STEP = 48
const MOVED = 6
/** A reader is told where the cross stands once it stands still. */
const STILL_MS = 500
const KEYS: Record<string, Point> = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }

async function open(box: HTMLElement, form: HTMLFormElement): Promise<void> {
  const sheet = box.querySelector<HTMLElement>('.sheet')!
  const said = box.querySelector<HTMLElement>('[role=status]')!
  const answer = await fetch('/api/v1/reference/communes.geojson').catch(() => null)
  const communes: Commune[] = answer?.ok ? (await answer.json()).features : []
  if (communes.length === 0) {
    said.textContent = box.dataset.failed!
    return
  }
  new Sheet(box, sheet, said, form, communes)
}

class Sheet {
  #canvas: HTMLCanvasElement
  #view: View
  #farthest: number
  #mark: Point | null = null
  #tiles = new Map<string, HTMLImageElement>()
  #from: Point | null = null
  #dragged = false
  #timer = 0

  constructor(private box: HTMLElement, private sheet: HTMLElement, private said: HTMLElement, private form: HTMLFormElement, private communes: Commune[]) {
    this.#canvas = sheet.querySelector('canvas')!
    this.#view = around(communes, this.#size)
    this.#farthest = this.#view.zoom
    const [lon, lat] = [this.#field('lon'), this.#field('lat')].map((one) => parseFloat(one.value))
    const named = communes.find((one) => one.properties.nom === this.#field('commune').value.trim())
    if (Number.isFinite(lon) && Number.isFinite(lat)) {
      this.#mark = [lon!, lat!]
      this.#view = { lon: lon!, lat: lat!, zoom: 15 }
    } else if (named) this.#view = around([named], this.#size)
    this.#listen()
    this.#draw()
  }

  get #size(): { width: number; height: number } {
    return { width: this.sheet.clientWidth, height: this.sheet.clientHeight }
  }

  #field(name: string): HTMLInputElement {
    return this.form.elements.namedItem(name) as HTMLInputElement
  }

  #listen(): void {
    const { sheet, box } = this
    sheet.onkeydown = (event) => {
      const step = KEYS[event.key]
      if (step) this.#pan(...step)
      else if (event.key === '+' || event.key === '-') this.#zoom(event.key === '+' ? 1 : -1)
      else if (event.key === 'Enter' || event.key === ' ') this.#pick([this.#view.lon, this.#view.lat])
      else return
      event.preventDefault()
    }
    sheet.onpointerdown = (event) => {
      sheet.setPointerCapture(event.pointerId)
      this.#from = [event.clientX, event.clientY]
      this.#dragged = false
    }
    sheet.onpointermove = ({ clientX, clientY }) => {
      if (!this.#from) return
      const [dx, dy] = [this.#from[0] - clientX, this.#from[1] - clientY]
      if (!this.#dragged && Math.hypot(dx, dy) < MOVED) return
      this.#dragged = true
      this.#from = [clientX, clientY]
      this.#pan(dx, dy)
    }
    sheet.onpointercancel = () => (this.#from = null)
    sheet.onpointerup = ({ clientX, clientY }) => {
      const corner = sheet.getBoundingClientRect()
      if (this.#from && !this.#dragged) this.#pick(fromSheet([clientX - corner.x, clientY - corner.y], this.#view, this.#size))
      this.#from = null
    }
    box.onclick = ({ target }) => {
      const what = (target as HTMLElement).closest<HTMLElement>('[data-do]')?.dataset.do
      if (what === 'in' || what === 'out') this.#zoom(what === 'in' ? 1 : -1)
      if (what === 'pick') this.#pick([this.#view.lon, this.#view.lat])
    }
    new ResizeObserver(() => this.#draw()).observe(sheet)
  }

  #pan(dx: number, dy: number): void {
    this.#view = panned(this.#view, dx, dy, this.#size)
    this.#tell()
  }

  #zoom(by: number): void {
    this.#view = zoomed(this.#view, by, this.#farthest)
    this.#tell()
  }

  #tell(): void {
    this.#draw()
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => (this.said.textContent = this.#words('centre', [this.#view.lon, this.#view.lat])), STILL_MS)
  }

  #words(key: 'centre' | 'placed', at: Point): string {
    const name = communeAt(this.communes, at)?.properties.nom
    return name ? this.box.dataset[key]!.replace('%', name) : this.box.dataset.outside!
  }

  #pick(at: Point): void {
    clearTimeout(this.#timer)
    const commune = communeAt(this.communes, at)
    this.said.textContent = this.#words('placed', at)
    if (!commune) return
    this.#mark = at
    this.#field('lon').value = at[0].toFixed(6)
    this.#field('lat').value = at[1].toFixed(6)
    this.#field('commune').value = commune.properties.nom
    // As if typed: the draft is kept, and what is known there is asked for.
    this.#field('commune').dispatchEvent(new Event('input', { bubbles: true }))
    this.#draw()
  }

  #draw(): void {
    const size = this.#size
    const ratio = devicePixelRatio
    this.#canvas.width = size.width * ratio
    this.#canvas.height = size.height * ratio
    const pen = this.#canvas.getContext('2d')!
    const style = getComputedStyle(this.sheet)
    const colour = (name: string): string => style.getPropertyValue(`--${name}`)
    pen.scale(ratio, ratio)
    this.#drawTiles(pen)
    pen.strokeStyle = colour('edge')
    for (const commune of this.communes) {
      pen.beginPath()
      for (const ring of ringsOf(commune)) ring.forEach((point, at) => pen[at ? 'lineTo' : 'moveTo'](...onSheet(point, this.#view, size)))
      pen.stroke()
    }
    this.#drawNames(pen, colour('text'), colour('surface'))
    const [x, y] = [size.width / 2, size.height / 2]
    pen.strokeStyle = colour('text')
    pen.lineWidth = 2
    pen.beginPath()
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as Point[]) {
      pen.moveTo(x + 5 * dx, y + 5 * dy)
      pen.lineTo(x + 16 * dx, y + 16 * dy)
    }
    pen.stroke()
    if (!this.#mark) return
    pen.beginPath()
    pen.arc(...onSheet(this.#mark, this.#view, size), 9, 0, 2 * Math.PI)
    pen.fillStyle = colour('accent')
    pen.strokeStyle = colour('surface')
    pen.lineWidth = 3
    pen.fill()
    pen.stroke()
  }

  /** The larger of two neighbours is named: words over words are none. */
  #drawNames(pen: CanvasRenderingContext2D, ink: string, halo: string): void {
    const size = this.#size
    const placed: Point[] = []
    pen.font = '600 14px system-ui, sans-serif'
    pen.textAlign = 'center'
    pen.fillStyle = ink
    pen.strokeStyle = halo
    pen.lineWidth = 4
    for (const { properties } of [...this.communes].sort((a, b) => b.properties.population - a.properties.population)) {
      const [at, y] = onSheet([properties.lon, properties.lat], this.#view, size)
      if (at < 0 || y < 0 || at > size.width || y > size.height) continue
      // A name at the edge moves inwards rather than be cut.
      const half = pen.measureText(properties.nom).width / 2 + 4
      const x = Math.min(Math.max(at, half), size.width - half)
      if (placed.some(([px, py]) => Math.abs(px - x) < 110 && Math.abs(py - y) < 22)) continue
      placed.push([x, y])
      pen.strokeText(properties.nom, x, y)
      pen.fillText(properties.nom, x, y)
    }
  }

  #drawTiles(pen: CanvasRenderingContext2D): void {
    const { tiles } = this.box.dataset
    if (!tiles) return
    for (const { url, x, y, side } of tilesOf(tiles, this.#view, this.#size)) {
      let image = this.#tiles.get(url)
      if (!image) {
        image = new Image()
        image.src = url
        image.onload = () => this.#draw()
        this.#tiles.set(url, image)
      }
      if (image.complete && image.naturalWidth > 0) pen.drawImage(image, x, y, side, side)
    }
  }
}

void open(document.getElementById('map')!, document.getElementById('report') as HTMLFormElement)
