/** What just happened, and the way back. An undo stays 30 s; a plain message 5 s; a refusal until it is read. */
import type { IconType } from './states'

export interface ToastAction { label: string; key?: string; run: () => void | Promise<void> }
export interface ToastIn { text: string; kind?: 'done' | 'info' | 'problem'; icon?: IconType; action?: ToastAction; seconds?: number }
export interface Toast extends ToastIn { id: number; kind: 'done' | 'info' | 'problem'; endsAt: number }

export const UNDO_SECONDS = 30

let toasts = $state.raw<Toast[]>([])
let counter = 0

export function activeToasts(): Toast[] {
  return toasts
}

export function showToast(toast: ToastIn): number {
  const id = ++counter
  const kind = toast.kind ?? 'done'
  const seconds = toast.seconds ?? (toast.action ? UNDO_SECONDS : kind === 'problem' ? 12 : 5)
  toasts = [...toasts.slice(-2), { ...toast, kind, id, endsAt: performance.now() + seconds * 1000 }]
  setTimeout(() => dismissToast(id), seconds * 1000)
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
