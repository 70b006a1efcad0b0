/** What every window of the board does from the moment somebody is signed in; and which incident its drawer shows. */
import { untrack } from 'svelte'
import { loadCategories } from '../../lib/catalogue.svelte'
import { runClock } from '../../lib/clock.svelte'
import { bindKeys, type KeyMap } from '../../lib/keys'
import { isTrue } from '../../lib/live'
import { loadSectors } from '../../lib/sectors.svelte'
import { requireSession } from '../../lib/session.svelte'
import type { IncidentState } from '../../lib/types'
import { outbox } from '../call/outbox.svelte'
import { loadStrips } from '../dialogs'
import { board } from './board.svelte'
import { coverage } from './coverage.svelte'
import { deadlines } from './deadlines.svelte'
import { connection, startFeed } from './feed.svelte'
import { toAddress } from './filters'
import { filters } from './filters.svelte'
import { focus } from './focus.svelte'
import { view } from './view.svelte'
import { windows, type Role } from './windows.svelte'

/** Starts a window of the board; returns the way to stop. */
export function startDesk(role: Role, keys: KeyMap): () => void {
  const stops: (() => void)[] = [runClock(), bindKeys(keys)]
  const strips = role === 'main' ? loadStrips() : Promise.resolve()
  void requireSession().then(async (session) => {
    if (!session) return
    void loadCategories()
    void loadSectors()
    void filters.load()
    await strips
    const name = `cpo.board.${session.org.slug}.${session.user.id}`
    stops.push(startFeed(session.org.slug), deadlines.start(), coverage.start(), windows.start(role, new BroadcastChannel(name)))
    // Calls that wait for the network are sent by one window.
    if (role === 'main') stops.push(outbox.start())
  })
  return () => stops.forEach((stop) => stop())
}

/** The incident in the drawer. What was passed on has left the board, but its drawer stays: somebody notes the answer. */
export class InDrawer {
  #away = $state.raw<IncidentState | null>(null)
  incident = $derived.by(() => {
    const id = view.selectedId
    if (!id) return undefined
    return board.incidents.get(id) ?? (this.#away?.id === id && this.#away.state === 'transferred' ? this.#away : undefined)
  })

  /** Call inside a component's initialisation. */
  follow(): void {
    $effect(() => {
      const id = view.selectedId
      if (id && isTrue(connection.state) && !board.incidents.has(id)) untrack(() => void focus.loadDetail(id))
    })
    $effect(() => {
      const { detail } = focus
      const away = untrack(() => this.#away)
      // The same version again is no news: the drawer asks whenever its incident is another one.
      if (detail && (away?.id !== detail.id || away.ver !== detail.ver)) this.#away = detail
    })
    // The address of a window keeps its filter: a reload, a bookmark or a colleague's link shows the same queue.
    $effect(() => {
      const query = toAddress(view.asked, new URLSearchParams(location.search)).toString()
      if (query !== location.search.slice(1)) history.replaceState(history.state, '', query ? `?${query}` : location.pathname)
    })
  }
}
