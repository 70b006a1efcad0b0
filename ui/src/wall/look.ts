/**
 * Light or dark for a screen that nobody touches. A room reads a dark wall best, so dark is what it shows unless the address
 * says `theme=clair` or `theme=auto` (what the machine says), or somebody chose a theme for the other pages of this browser.
 */
import type { Theme } from '../lib/theme.svelte'

const NAMED: Record<string, Theme> = { clair: 'light', light: 'light', sombre: 'dark', dark: 'dark', auto: 'system', system: 'system' }

/** The theme of a wall: what its address asks behind the hash, else what was chosen in this browser, else dark. */
export function lookOf(hash: string, chosen: Theme): 'light' | 'dark' | null {
  const asked = NAMED[new URLSearchParams(hash.replace(/^#/, '')).get('theme') ?? '']
  if (asked === 'system') return null
  return asked ?? (chosen === 'system' ? 'dark' : chosen)
}

/** Paints it, now and whenever the address changes; remembers nothing, for other pages share the browser. */
export function keepLook(chosen: Theme): void {
  const paint = (): void => {
    const look = lookOf(location.hash, chosen)
    if (look) document.documentElement.dataset.theme = look
    else delete document.documentElement.dataset.theme
  }
  addEventListener('hashchange', paint)
  paint()
}
