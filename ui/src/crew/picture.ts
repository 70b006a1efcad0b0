/**
 * Pictures made fit for a slow network on the phone itself: turned upright, at most 1600 pixels, JPEG without the place
 * and device that cameras write into their files (a fresh encoding has none of it).
 */
export const MOST_PIXELS = 1600
const QUALITY = 0.82

export interface Size { width: number; height: number }

/** The size of a picture whose longer side is at most `most`; never enlarged. */
export function fitted({ width, height }: Size, most = MOST_PIXELS): Size {
  const share = Math.min(1, most / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) }
}

export interface Point { x: number; y: number }

/** A finger's place on a canvas, whatever size the screen shows it in. */
export function onCanvas(event: { clientX: number; clientY: number }, canvas: HTMLCanvasElement): Point {
  const box = canvas.getBoundingClientRect()
  return { x: ((event.clientX - box.left) / box.width) * canvas.width, y: ((event.clientY - box.top) / box.height) * canvas.height }
}

/** Draws a file on a canvas, upright and fitted. */
export async function draw(file: Blob, canvas: HTMLCanvasElement): Promise<void> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const { width, height } = fitted(picture)
  Object.assign(canvas, { width, height })
  canvas.getContext('2d')!.drawImage(picture, 0, 0, width, height)
  picture.close()
}

export function encode(canvas: HTMLCanvasElement, type: 'image/jpeg' | 'image/png'): Promise<Blob> {
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('not encoded'))), type, QUALITY))
}
