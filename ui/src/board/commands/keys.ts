/** The board's keys. Each does exactly what a button that shows it does. */
import { tick } from 'svelte'
import { t } from '../../lib/i18n.svelte'
import type { KeyMap } from '../../lib/keys'
import { hasRole } from '../../lib/session.svelte'
import { runToastKey, showToast } from '../../lib/toast.svelte'
import { board } from '../state/board.svelte'
import { coverage } from '../state/coverage.svelte'
import { filters } from '../state/filters.svelte'
import { focus } from '../state/focus.svelte'
import { past } from '../state/past.svelte'
import { queue } from '../state/queue.svelte'
import { storm } from '../state/storm.svelte'
import { view } from '../state/view.svelte'
import { openPane, windows, type Pane } from '../state/windows.svelte'
import { crewsInOrder } from '../timeline/rows'
import { pickUp } from '../timeline/drag.svelte'
import { stretchByKeys } from '../timeline/stretch.svelte'
import { acceptOffer, togglePin } from './actions'

export function boardKeys(desk: { focusLine: () => void }): KeyMap {
  const map: KeyMap = {
    '/': desk.focusLine,
    j: () => queue.step(1),
    k: () => queue.step(-1),
    Enter: openDrawer,
    Escape: closeSomething,
    a: () => void acceptRank(1),
    p: pinSelected,
    x: () => void carryFocused(),
    l: () => void stretchFocused(),
    n: () => view.selectedId && hasRole('operator') && (view.panel = 'note'),
    m: () => view.selectedId && hasRole('operator') && (view.panel = 'merge'),
    r: () => view.selectedId && hasRole('operator') && (view.panel = 'reply'),
    u: () => runToastKey('u') || showToast({ kind: 'info', text: t('undo.nothing') }),
    d: () => board.openProposal && (view.panel = view.panel === 'proposal' ? null : 'proposal'),
    c: () => view.openCall(),
    h: () => (view.isLookingBack ? leavePast() : (view.isLookingBack = true)),
    '?': () => (view.panel = 'help'),
    J: () => storm.extend(1),
    K: () => storm.extend(-1),
    ' ': () => storm.toggleSelected(),
    b: () => storm.chosen.length > 0 && hasRole('operator') && (view.panel = 'bulk'),
    'g c': () => showCover(),
    'g s': () => storm.toggle(),
    w: () => (view.panel = 'wall'),
    'f f': () => (view.panel = 'filter'),
    'f 0': () => view.askNothing(),
    't t': () => press('t t'),
    't a': () => press('t a'),
    't r': () => press('t r'),
    't h': () => press('t h'),
    't f': () => press('t f'),
    't l': () => (view.panel = 'passed'),
    'o q': () => inOwnWindow('queue'),
    'o t': () => inOwnWindow('timeline'),
    'o m': () => inOwnWindow('map'),
    'o d': () => inOwnWindow('drawer'),
    'g t': () => view.show('timeline'),
    'g m': () => view.show('map'),
  }
  for (let rank = 1; rank <= 9; rank += 1) {
    map[String(rank)] = () => void acceptRank(rank)
    map[`f ${rank}`] = () => filters.toggle(rank)
  }
  return map
}

/** Presses the drawer's button that shows a key, if it is there now. */
function press(key: string): void {
  document.querySelector<HTMLButtonElement>(`.drawer button[aria-keyshortcuts="${key}"]`)?.click()
}

function openDrawer(): void {
  if (!view.selectedId) view.select(queue.ordered[0]?.incident.id ?? null)
  else document.querySelector<HTMLElement>('.drawer [role="region"]')?.focus()
}

export function inOwnWindow(pane: Pane): void {
  if (windows.role !== 'main' || matchMedia('(max-width: 999px)').matches) return
  if (!openPane(pane)) showToast({ kind: 'problem', text: t('panes.blocked') })
}

/** The layer is on the map: on a laptop the map comes forward with it. */
export function showCover(): void {
  coverage.toggle()
  if (coverage.isShown && !matchMedia('(min-width: 1600px)').matches) view.show('map')
}

function leavePast(): void {
  past.leave()
  view.isLookingBack = false
}

function closeSomething(): void {
  if (view.panel) view.panel = null
  else if (storm.marked.size > 0) storm.unmarkAll()
  else if (view.selectedId || !view.isLookingBack) view.select(null)
  else leavePast()
}

async function acceptRank(rank: number): Promise<void> {
  const incident = view.selectedId ? board.incidents.get(view.selectedId) : undefined
  if (!incident || !hasRole('dispatcher')) return
  // The drawer that shows the offers may be in another window: they are then asked here.
  if (focus.offersFor !== incident.id && windows.elsewhere.has('drawer')) await focus.loadOffers(incident.id)
  if (focus.offersFor !== incident.id) return
  const offer = focus.offers?.offers.find((one) => one.rank === rank)
  // What is folded away is shown first: nobody accepts what he has not seen.
  if (offer && rank > focus.offersShown && !windows.elsewhere.has('drawer')) focus.showAllOffers()
  else if (offer && focus.offers) void acceptOffer(incident, offer, focus.offers.plan_version)
}

function pinSelected(): void {
  const visit = view.selectedId ? board.leadingVisit(view.selectedId) : undefined
  if (visit && hasRole('dispatcher')) void togglePin(visit)
}

/** Picks up the visit under focus in the timeline, else the selected incident's. */
async function carryFocused(): Promise<void> {
  if (!hasRole('dispatcher')) return
  const focused = document.activeElement?.id.startsWith('bar-') ? board.visits.get(document.activeElement.id.slice(4)) : undefined
  const incident = board.incidents.get(focused?.incident_id ?? view.selectedId ?? '')
  if (!incident) return
  if (view.middle !== 'timeline' || view.section !== 'timeline') view.show('timeline')
  await tick()
  pickUp(incident, focused ?? board.leadingVisit(incident.id), () => crewsInOrder(board.crewList).map((crew) => crew.id))
}

/** Holds the end of the visit under focus in the timeline, else of the selected incident's: how long does it take? */
async function stretchFocused(): Promise<void> {
  if (!hasRole('dispatcher')) return
  const focused = document.activeElement?.id.startsWith('bar-') ? board.visits.get(document.activeElement.id.slice(4)) : undefined
  const visit = focused ?? (view.selectedId ? board.leadingVisit(view.selectedId) : undefined)
  if (!visit) return
  if (view.middle !== 'timeline' || view.section !== 'timeline') view.show('timeline')
  await tick()
  stretchByKeys(visit)
}
