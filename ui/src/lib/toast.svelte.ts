/**
 * What just happened, and the way back. An undo stays 30 s; a plain message 5 s; a refusal until it is read. Under a modal
 * panel the page is inert: a refusal told there is neither read out nor within reach, so the panel tells it itself.
 */
import type { IconType } from './states'

export interface ToastAction { label: string; key?: string; run: () => void | Promise<void> }
export interface ToastIn { text: string; kind?: 'done' | 'info' | 'problem'; icon?: IconType; action?: ToastAction; seconds?: number }
export interface Toast extends ToastIn { id: number; kind: 'done' | 'info' | 'problem'; endsAt: number; panel?: string }

export const UNDO_SECONDS = 30

let toasts = $state.raw<Toast[]>([])
let counter = 0
/** Modal panels that are open, the uppermost last. */
let panels: string[] = []

export function activeToasts(): Toast[] {
  return toasts.filter((toast) => toast.panel === undefined)
}

/** The refusal that an open panel has to tell. */
export function refusalIn(panel: string): Toast | undefined {
  return toasts.findLast((toast) => toast.panel === panel)
}

/** A modal panel opens; call what is returned when it closes: what it has not finished telling, the page tells. */
export function openPanel(panel: string): () => void {
  panels = [...panels, panel]
  return () => {
    panels = panels.filter((one) => one !== panel)
    for (const { panel: at, ...toast } of toasts.filter((one) => one.panel === panel)) {
      dismissToast(toast.id)
      showToast(toast)
    }
  }
}

export function showToast(toast: ToastIn): number {
  const id = ++counter
  const kind = toast.kind ?? 'done'
  const seconds = toast.seconds ?? (toast.action ? UNDO_SECONDS : kind === 'problem' ? 12 : 5)
  const uppermost = panels.at(-1)
  // What is told now replaces what the panel said of the attempt before.
  const others = toasts.filter((one) => one.panel === undefined || one.panel !== uppermost)
  const panel = kind === 'problem' ? uppermost : undefined
  toasts = [...others.slice(-2), { ...toast, kind, id, endsAt: performance.now() + seconds * 1000, ...(panel !== undefined && { panel }) }]
  if (panel === undefined) setTimeout(() => dismissToast(id), seconds * 1000)
  return id
}

export function dismissToast(id: number): void {
  toasts = toasts.filter((toast) => toast.id !== id)
}

/** Runs the newest action bound to this key, if any: `u` undoes the last thing. */
export function runToastKey(key: string): boolean {
  const found = toasts.findLast((toast) => toast.action?.key === key)
  if (!found?.action) return false
  dismissToast(found.id)
  void found.action.run()
  return true
}
