/**
 * Whether maps are drawn by the processor: virtual desktops and old offices have no graphics card. A picture then takes
 * most of a second, and everything on the page waits for it: such maps draw less often, and do not glide.
 */
const BY_PROCESSOR = /swiftshader|llvmpipe|softpipe|software|basic render/i

let known: boolean | undefined

export function isDrawnByProcessor(): boolean {
  known ??= look()
  return known
}

function look(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2')
  if (!gl) return true
  const info = gl.getExtension('WEBGL_debug_renderer_info')
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER))
  gl.getExtension('WEBGL_lose_context')?.loseContext()
  return BY_PROCESSOR.test(name)
}
