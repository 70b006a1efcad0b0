/**
 * The board's drawer, dialogs and rarer parts, each in a file of its own that is fetched when the board has come to rest: nobody waits for them
 * at the start, and all of them open without a network afterwards.
 */
import type { Component } from 'svelte'
import type { IncidentState, ProposalState, VisitState } from '../lib/types'
import type { Panel } from './state/view.svelte'

export interface DialogProps {
  incident: IncidentState
  visit: VisitState | undefined
  proposal: ProposalState
  onclose: () => void
}
/** What must be there for a dialog to make sense. */
export type Subject = 'incident' | 'proposal' | null
interface Entry { about: Subject; load: () => Promise<{ default: Component<DialogProps> }> }

export const DIALOGS: Partial<Record<NonNullable<Panel>, Entry>> = {
  call: { about: null, load: () => import('./call/CallDialog.svelte') },
  help: { about: null, load: () => import('./commands/HelpDialog.svelte') },
  passed: { about: null, load: () => import('./drawer/PassedOnDialog.svelte') },
  note: { about: 'incident', load: () => import('./drawer/NoteDialog.svelte') },
  override: { about: 'incident', load: () => import('./drawer/OverrideDialog.svelte') },
  merge: { about: 'incident', load: () => import('./drawer/MergeDialog.svelte') },
  reply: { about: 'incident', load: () => import('./drawer/ReplyDialog.svelte') },
  expert: { about: 'incident', load: () => import('./drawer/ExpertDialog.svelte') },
  move: { about: 'incident', load: () => import('./drawer/MoveDialog.svelte') },
  tuning: { about: null, load: () => import('./proposals/TuningDialog.svelte') },
  suppose: { about: null, load: () => import('./proposals/SupposeDialog.svelte') },
  filter: { about: null, load: () => import('./queue/FilterDialog.svelte') },
  wall: { about: null, load: () => import('./panes/WallMode.svelte') },
  weather: { about: null, load: () => import('./sky/SkyDialog.svelte') },
  bulk: { about: null, load: () => import('./storm/BulkDialog.svelte') },
  reject: { about: 'proposal', load: () => import('./proposals/RejectDialog.svelte') },
}

/** A part that is fetched once; a failure is forgotten, so that the next look tries again. */
function part<M>(load: () => Promise<M>): () => Promise<M> {
  let asked: Promise<M> | undefined
  return () => {
    if (!asked) {
      asked = load()
      asked.catch(() => (asked = undefined))
    }
    return asked
  }
}

/** The drawer is the first thing fetched after the picture: a key may ask for it at once. */
export const loadDrawer = part(() => import('./drawer/Drawer.svelte'))
/** The picture's second part: timeline and map come as soon as the queue is on screen. */
export const loadTimeline = part(() => import('./timeline/Timeline.svelte'))
export const loadMap = part(() => import('./map/MapPane.svelte'))
export const loadPageStrip = part(() => import('../oncall/PageStrip.svelte'))
export const loadFieldStrip = part(() => import('./field/FieldStrip.svelte'))
export const loadStormStrip = part(() => import('./storm/StormStrip.svelte'))
export const loadSimulationMenu = part(() => import('./header/SimulationMenu.svelte'))
export const loadSkyChip = part(() => import('./sky/SkyChip.svelte'))
/** Whatever stands above the rows, or moves its neighbours in the head, must be there before them: it would push them from under a hand. Never fails. */
export const loadStrips = (): Promise<unknown> => Promise.allSettled([loadPageStrip(), loadFieldStrip(), loadStormStrip(), loadSkyChip(), loadSimulationMenu()])
export const loadPastBar = part(() => import('./header/PastBar.svelte'))

/** Fetches every dialog, one after the other, in still moments. Returns the way to stop. */
export function fetchDialogs(): () => void {
  const idle = window.requestIdleCallback ?? ((work: () => void) => window.setTimeout(work, 200))
  const waiting: (() => Promise<unknown>)[] = [loadDrawer, loadPastBar, ...Object.values(DIALOGS).map((one) => one.load)]
  let isOver = false
  const next = (): void => {
    const one = waiting.shift()
    if (!one || isOver) return
    // Without a network the rest is fetched when it is asked for, or once the network is back.
    one().then(() => idle(next), () => window.addEventListener('online', () => (waiting.unshift(one), next()), { once: true }))
  }
  idle(next)
  return () => (isOver = true)
}
