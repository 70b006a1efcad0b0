/** Light, dark, or what the machine says. The choice is an attribute on <html>; the tokens do the rest. */
import { recall, remember } from './storage'

export type Theme = 'system' | 'light' | 'dark'

let chosen = $state<Theme>(recall<Theme>('theme', 'system'))
const machine = globalThis.matchMedia?.('(prefers-color-scheme: dark)')
let machineIsDark = $state(machine?.matches ?? false)
machine?.addEventListener?.('change', (event) => (machineIsDark = event.matches))
paint()

function paint(): void {
  if (chosen === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
}

export function theme(): Theme {
  return chosen
}

/** What is on screen now; drawings that cannot read CSS variables (the map) follow it. */
export function isDark(): boolean {
  return chosen === 'dark' || (chosen === 'system' && machineIsDark)
}

export function setTheme(next: Theme): void {
  chosen = next
  remember('theme', next)
  paint()
}
