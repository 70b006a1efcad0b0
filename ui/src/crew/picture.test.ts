import { describe, expect, it } from 'vitest'
import { fitted, onCanvas } from './picture'

describe('a picture on the phone', () => {
  it('is made smaller by its longer side, never larger', () => {
    expect(fitted({ width: 4000, height: 3000 })).toEqual({ width: 1600, height: 1200 })
    expect(fitted({ width: 900, height: 1800 })).toEqual({ width: 800, height: 1600 })
    expect(fitted({ width: 640, height: 480 })).toEqual({ width: 640, height: 480 })
    expect(fitted({ width: 90_000, height: 2 })).toEqual({ width: 1600, height: 1 })
  })

  it('takes the finger where it is, whatever size it is shown in', () => {
    const canvas = { width: 1600, height: 1200, getBoundingClientRect: () => ({ left: 10, top: 20, width: 400, height: 300 }) }
    expect(onCanvas({ clientX: 110, clientY: 95 }, canvas as unknown as HTMLCanvasElement)).toEqual({ x: 400, y: 300 })
  })
})
