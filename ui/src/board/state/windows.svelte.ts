/**
 * The board in several windows of one person on one machine, in step: what is selected, asked and looked back at is one
 * thing, wherever it is changed. Each window follows the live feed itself; only the person's own view travels here.
 */
import { past } from './past.svelte'
import type { Wanted } from './filters'
import { view, type Tab } from './view.svelte'

export type Pane = 'queue' | 'timeline' | 'map' | 'drawer'
export type Role = 'main' | Pane
export const PANES: readonly Pane[] = ['queue', 'timeline', 'map', 'drawer']

interface Shared {
  selectedId: string | null
  crewId: string | null
  tab: Tab
  search: string
  narrowed: Wanted
  pastAt: number | null
}
type Said =
  | { kind: 'who' }
  | { kind: 'here' | 'gone'; role: Role }
  | { kind: 'view'; shared: Shared }
  | { kind: 'close'; pane: Pane }
type Message = Said & { from: string }

/** What carries messages between windows; a `BroadcastChannel`, or a test's. */
export interface Line { postMessage(message: unknown): void; onmessage: ((event: MessageEvent) => void) | null; close(): void }

const BEAT_MS = 2_000
/** Browsers wake the timers of a covered window once a minute: silence shorter than that means nothing. */
const SILENT_MS = 75_000

export class Windows {
  /** Which windows of this person are open beside this one, by what they show. */
  #others = $state.raw<ReadonlyMap<string, { role: Role; heardAt: number }>>(new Map())
  role = $state<Role>('main')
  elsewhere = $derived(new Set([...this.#others.values()].map((one) => one.role)))
  /** A pane without its board still tells the truth, but is told so. */
  isOrphan = $derived(this.role !== 'main' && !this.elsewhere.has('main'))
  /** False until the others had time to answer: an empty list is then "not known yet". */
  isSettled = $state(false)
  #line: Line | null = null
  #me = Math.random().toString(36).slice(2)
  #last = ''

  start(role: Role, line: Line, close: () => void = () => window.close(), clock: () => number = () => performance.now()): () => void {
    this.role = role
    this.#line = line
    this.#last = JSON.stringify(this.#shared())
    line.onmessage = (event: MessageEvent) => this.#hear(event.data as Message, close, clock)
    const leave = (): void => this.#say({ kind: 'gone', role })
    const come = (): void => (this.#say({ kind: 'here', role }), this.#say({ kind: 'who' }))
    globalThis.addEventListener?.('pagehide', leave)
    globalThis.addEventListener?.('pageshow', come)
    const beat = setInterval(() => {
      this.#say({ kind: 'here', role })
      const alive = [...this.#others].filter(([, one]) => clock() - one.heardAt < SILENT_MS)
      if (alive.length !== this.#others.size) this.#others = new Map(alive)
    }, BEAT_MS)
    const settled = setTimeout(() => (this.isSettled = true), BEAT_MS)
    const unwatch = $effect.root(() => {
      $effect(() => {
        const written = JSON.stringify(this.#shared())
        if (written === this.#last) return
        this.#last = written
        this.#say({ kind: 'view', shared: JSON.parse(written) as Shared })
      })
    })
    come()
    return () => {
      leave()
      clearInterval(beat)
      clearTimeout(settled)
      unwatch()
      globalThis.removeEventListener?.('pagehide', leave)
      globalThis.removeEventListener?.('pageshow', come)
      line.close()
      this.#line = null
      this.#others = new Map()
    }
  }

  has(pane: Pane): boolean {
    return this.role === 'main' && this.elsewhere.has(pane)
  }

  /** Closes the window of a pane: it is on the board again. */
  bringBack(pane: Pane): void {
    this.#say({ kind: 'close', pane })
  }

  #shared(): Shared {
    return { selectedId: view.selectedId, crewId: view.crewId, tab: view.tab, search: view.search, narrowed: view.narrowed, pastAt: past.at }
  }

  #say(said: Said): void {
    this.#line?.postMessage({ ...said, from: this.#me })
  }

  #hear(message: Message, close: () => void, clock: () => number): void {
    if (message.from === this.#me) return
    if (message.kind === 'here') this.#note(message.from, message.role, clock())
    else if (message.kind === 'gone') this.#note(message.from, null, clock())
    else if (message.kind === 'view') this.#follow(message.shared)
    else if (message.kind === 'close') {
      if (message.pane === this.role) close()
    } else {
      this.#say({ kind: 'here', role: this.role })
      // Whoever comes new sees what this person looks at; one answer is enough, and the board's is the one.
      if (this.role === 'main') this.#say({ kind: 'view', shared: JSON.parse(JSON.stringify(this.#shared())) as Shared })
    }
  }

  #note(id: string, role: Role | null, heardAt: number): void {
    const known = this.#others.get(id)
    if (role && known?.role === role) return void (known.heardAt = heardAt)
    const next = new Map(this.#others)
    if (role) next.set(id, { role, heardAt })
    else next.delete(id)
    this.#others = next
  }

  #follow(shared: Shared): void {
    this.#last = JSON.stringify(shared)
    view.select(shared.selectedId)
    view.crewId = shared.crewId
    view.tab = shared.tab
    view.search = shared.search
    view.narrowed = shared.narrowed
    if (shared.pastAt === past.at) return
    if (shared.pastAt === null) past.leave()
    else past.go(shared.pastAt)
    view.isLookingBack = shared.pastAt !== null
  }
}

export const windows = new Windows()

export function paneOf(search: string): Pane | null {
  const asked = new URLSearchParams(search).get('pane')
  return PANES.find((pane) => pane === asked) ?? null
}

/** Opens a pane in a window of its own, or shows the one that is open; false when the browser refuses. */
export function openPane(pane: Pane): boolean {
  const name = `cpo-${pane}`
  const query = new URLSearchParams(location.search)
  query.set('pane', pane)
  const opened = windows.has(pane) ? window.open('', name) : window.open(`${location.pathname}?${query}`, name, 'popup,width=1200,height=900')
  opened?.focus()
  return opened !== null
}
