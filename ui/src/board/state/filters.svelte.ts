/** The filters that this person keeps and those the authority shares, with what each would show now. */
import { get, post, put, remove } from '../../lib/api'
import { sectorOf } from '../../lib/sectors.svelte'
import { currentUser } from '../../lib/session.svelte'
import type { SavedFilter, SavedFilterIn } from '../../lib/types'
import { NOTHING_ASKED, isSame, matches, type Reader, type Wanted } from './filters'
import { needsCrew, queue, textOf } from './queue.svelte'
import { view } from './view.svelte'

class Filters {
  #saved = $state.raw<readonly SavedFilter[]>([])
  saved = $derived(this.#saved)
  /** The kept filter that is on now, if what is asked is exactly what one of them asks. */
  current = $derived(this.#saved.find((one) => isSame(wantedOf(one), view.asked)))

  counts = $derived.by(() => {
    const reader = readerNow()
    return new Map(this.#saved.map((one) => [one.id, queue.rows.filter((row) => matches(row, wantedOf(one), reader)).length]))
  })

  async load(): Promise<void> {
    try {
      this.#saved = await get<SavedFilter[]>('/board/filters')
    } catch {
      // The queue works without them; the next look at the dialog asks again.
    }
  }

  async save(body: SavedFilterIn, id?: string): Promise<SavedFilter> {
    const kept = id ? await put<SavedFilter>(`/board/filters/${id}`, body) : await post<SavedFilter>('/board/filters', body)
    await this.load()
    return kept
  }

  async forget(id: string): Promise<void> {
    await remove(`/board/filters/${id}`)
    await this.load()
  }

  /** Puts the n-th filter on, or off when it is on already. */
  toggle(rank: number): void {
    const chosen = this.#saved[rank - 1]
    if (chosen) view.ask(chosen.id === this.current?.id ? NOTHING_ASKED : wantedOf(chosen))
  }
}

export function wantedOf(saved: Pick<SavedFilter, 'wanted'>): Wanted {
  return { ...NOTHING_ASKED, ...saved.wanted }
}

export function readerNow(): Reader {
  return { me: currentUser()?.name, sectorOf, textOf, waits: needsCrew }
}

export const filters = new Filters()
