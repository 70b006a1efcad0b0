/** The board's keys. Each does exactly what a button that shows it does. */
import { tick } from 'svelte'
import { t } from '../../lib/i18n.svelte'
import type { KeyMap } from '../../lib/keys'
import { hasRole } from '../../lib/session.svelte'
import { runToastKey, showToast } from '../../lib/toast.svelte'
import { board } from '../state/board.svelte'
import { focus } from '../state/focus.svelte'
import { past } from '../state/past.svelte'
import { queue } from '../state/queue.svelte'
import { view } from '../state/view.svelte'
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
    a: () => acceptRank(1),
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
    't t': () => press('t t'),
    't a': () => press('t a'),
    't r': () => press('t r'),
    't h': () => press('t h'),
    't f': () => press('t f'),
    't l': () => (view.panel = 'passed'),
    'g t': () => view.show('timeline'),
    'g m': () => view.show('map'),
  }
  for (let rank = 1; rank <= 9; rank += 1) map[String(rank)] = () => acceptRank(rank)
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

function leavePast(): void {
  past.leave()
  view.isLookingBack = false
}

function closeSomething(): void {
  if (view.panel) view.panel = null
  else if (view.selectedId || !view.isLookingBack) view.select(null)
  else leavePast()
}

function acceptRank(rank: number): void {
  const incident = view.selectedId ? board.incidents.get(view.selectedId) : undefined
  if (!incident || focus.offersFor !== incident.id || !hasRole('dispatcher')) return
  const offer = focus.offers?.offers.find((one) => one.rank === rank)
  if (offer && focus.offers) void acceptOffer(incident, offer, focus.offers.plan_version)
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
