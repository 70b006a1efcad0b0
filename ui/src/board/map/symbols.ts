/**
 * The pictures of incidents on the map: shape = kind, fill = state, size = priority, ink ring = P1, red mark = in jeopardy.
 * Drawn once per combination on a canvas, from the same icons as everywhere else.
 */
import { flushSync, mount, unmount } from 'svelte'
import { iconOf, shapeOf, type Shape } from '../../lib/kinds'
import { paintOf, type Paint } from '../../lib/paint'
import type { IconType } from '../../lib/states'
import type { IncidentState, Priority, VisitState } from '../../lib/types'
import type { Tokens } from './tokens'

export const RATIO = 2
const SIZE: Record<Priority, number> = { P1: 30, P2: 26, P3: 22, P4: 20 }

export interface Symbol { name: string; priority: Priority; draw: (tokens: Tokens) => Promise<ImageData> }

export function symbolOf(incident: IncidentState, visit: VisitState | undefined, late: boolean): Symbol {
  const paint = visit?.state ?? incident.state
  const shape = shapeOf(incident.service)
  const Icon = iconOf(incident.category, incident.service)
  const name = [shape, incident.category, paint, incident.priority, late ? 'late' : ''].join('|')
  return { name, priority: incident.priority, draw: (tokens) => draw(shape, Icon, paintOf(incident.state, visit?.state), incident.priority, late, tokens) }
}

async function draw(shape: Shape, Icon: IconType, paint: Paint, priority: Priority, late: boolean, tokens: Tokens): Promise<ImageData> {
  const body = SIZE[priority]
  const margin = 7
  const side = body + 2 * margin
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = side * RATIO
  // Read back at once: kept out of the graphics card, where reading costs a second without one.
  const pen = canvas.getContext('2d', { willReadFrequently: true })!
  pen.scale(RATIO, RATIO)
  const middle = side / 2
  if (priority === 'P1') stroke(pen, shape, middle, body / 2 + 4, tokens('ink'), 2.5, tokens('surface'))
  stroke(pen, shape, middle, body / 2, tokens(paint.line), 1.8, tokens(paint.fill))
  const glyph = body * (shape === 'diamond' ? 0.46 : 0.56)
  pen.drawImage(await picture(Icon, glyph * RATIO, tokens(paint.glyph)), middle - glyph / 2, middle - glyph / 2, glyph, glyph)
  if (late) mark(pen, side, tokens)
  return pen.getImageData(0, 0, canvas.width, canvas.height)
}

function stroke(pen: CanvasRenderingContext2D, shape: Shape, middle: number, radius: number, line: string, width: number, fill: string): void {
  pen.beginPath()
  if (shape === 'circle') pen.arc(middle, middle, radius, 0, 2 * Math.PI)
  else if (shape === 'square') pen.roundRect(middle - radius * 0.9, middle - radius * 0.9, radius * 1.8, radius * 1.8, 3)
  else {
    const corners = shape === 'diamond' ? 4 : 6
    for (let corner = 0; corner < corners; corner += 1) {
      const angle = (corner / corners) * 2 * Math.PI - Math.PI / 2
      pen.lineTo(middle + Math.cos(angle) * radius * 1.12, middle + Math.sin(angle) * radius * 1.12)
    }
    pen.closePath()
  }
  pen.lineJoin = 'round'
  pen.fillStyle = fill
  pen.fill()
  pen.lineWidth = width
  pen.strokeStyle = line
  pen.stroke()
}

function mark(pen: CanvasRenderingContext2D, side: number, tokens: Tokens): void {
  pen.beginPath()
  pen.arc(side - 8, 8, 7, 0, 2 * Math.PI)
  pen.fillStyle = tokens('risk')
  pen.fill()
  pen.fillStyle = tokens('onrisk')
  pen.font = '700 11px sans-serif'
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  pen.fillText('!', side - 8, 8.5)
}

/** A Lucide icon as an image: rendered off screen, taken as SVG text, so that there is one drawing of each icon. */
async function picture(Icon: IconType, size: number, colour: string): Promise<HTMLImageElement> {
  const host = document.createElement('div')
  const icon = mount(Icon, { target: host, props: { size, strokeWidth: 2.2 } })
  flushSync()
  const svg = host.querySelector('svg')!
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  svg.setAttribute('stroke', colour)
  const image = new Image()
  image.src = `data:image/svg+xml,${encodeURIComponent(svg.outerHTML)}`
  void unmount(icon)
  await image.decode()
  return image
}
