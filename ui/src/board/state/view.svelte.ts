/** What this person looks at: selection, filters, the middle pane, open panels. Preferences survive a reload. */
import { hasRole } from '../../lib/session.svelte'
import { recall, remember } from '../../lib/storage'
import { NOTHING_ASKED, fromAddress, isAsking, type Wanted } from './filters'

export type Tab = 'all' | 'unassigned' | 'risk' | 'mine'
export type Middle = 'timeline' | 'map'
export type Density = 'airy' | 'dense'
export type Zoom = 'quarter' | 'six' | 'day' | 'week'
export type Panel = 'call' | 'proposal' | 'help' | 'note' | 'override' | 'move' | 'merge' | 'reply' | 'expert' | 'reject' | 'passed' | 'suppose' | 'tuning' | 'filter' | 'wall' | 'bulk' | 'weather' | null
/** Which part a phone shows; wider screens show them side by side. */
export type Section = 'queue' | 'timeline' | 'map'

/** A window opens with the filter its address carries. */
const atFirst = fromAddress(new URLSearchParams(globalThis.location?.search ?? ''))

class View {
  selectedId = $state<string | null>(null)
  /** The crew whose row or dot was chosen, for the map and the timeline. */
  crewId = $state<string | null>(null)
  tab = $state<Tab>('all')
  search = $state(atFirst.words)
  /** What the queue is asked beyond words and tab. */
  narrowed = $state.raw<Wanted>({ ...atFirst, words: '' })
  middle = $state<Middle>(recall<Middle>('middle', 'timeline'))
  density = $state<Density>(recall<Density>('density', 'airy'))
  zoom = $state<Zoom>(recall<Zoom>('zoom', 'six'))
  /** Sectors whose crews are folded away on the timeline. */
  closedSectors = $state.raw<string[]>(recall<string[]>('closedSectors', []))
  mapLocked = $state(recall('mapLocked', false))
  section = $state<Section>('queue')
  panel = $state<Panel>(null)
  /** The bar to look back with is open. */
  isLookingBack = $state(false)
  /** What the call form starts with: the words after `/new`. */
  callText = $state('')
  /** Rank of the offer under the pointer or focus, drawn on the timeline; null draws the best one. */
  offerRank = $state<number | null>(null)

  /** All that the queue is asked: words, tab and the rest, as one filter. */
  asked = $derived<Wanted>({
    ...this.narrowed, words: this.search.trim(),
    mine: this.narrowed.mine || this.tab === 'mine', unassigned: this.narrowed.unassigned || this.tab === 'unassigned',
    at_risk: this.narrowed.at_risk || this.tab === 'risk',
  })
  isNarrowed = $derived(isAsking(this.asked))

  /** Puts a filter on in place of whatever was asked. */
  ask(wanted: Wanted): void {
    this.tab = 'all'
    this.search = wanted.words
    this.narrowed = { ...wanted, words: '' }
  }

  askNothing(): void {
    this.ask(NOTHING_ASKED)
  }

  select(id: string | null): void {
    if (this.selectedId !== id) this.offerRank = null
    this.selectedId = id
  }

  show(middle: Middle): void {
    this.middle = middle
    this.section = middle
    remember('middle', middle)
  }

  /** A window of one pane: others are not there to switch to, and the choice of the board stays. */
  showOnly(pane: 'queue' | 'timeline' | 'map' | 'drawer'): void {
    if (pane === 'queue' || pane === 'drawer') return
    this.middle = pane
    this.section = pane
  }

  setDensity(density: Density): void {
    this.density = density
    remember('density', density)
  }

  setZoom(zoom: Zoom): void {
    this.zoom = zoom
    remember('zoom', zoom)
  }

  toggleSector(name: string): void {
    this.closedSectors = this.closedSectors.includes(name) ? this.closedSectors.filter((one) => one !== name) : [...this.closedSectors, name]
    remember('closedSectors', this.closedSectors)
  }

  toggleMapLock(): void {
    this.mapLocked = !this.mapLocked
    remember('mapLocked', this.mapLocked)
  }

  openCall(text = ''): void {
    if (!hasRole('operator')) return
    this.callText = text
    this.panel = 'call'
  }
}

export const view = new View()
