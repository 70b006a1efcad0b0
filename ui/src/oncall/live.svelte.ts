/** Who is paged now and what is wrong with on-call, from whichever live topic a page follows. */
import type { Item, OnCallAlert, OnCallAlertsState, PageState } from '../lib/types'

class OnCallLive {
  pages = $state.raw<ReadonlyMap<string, PageState>>(new Map())
  alerts = $state.raw<readonly OnCallAlert[]>([])

  /** Open pages first, the most urgent before the others; then those somebody took. */
  list = $derived([...this.pages.values()].sort((a, b) => rank(a) - rank(b) || a.priority.localeCompare(b.priority) || a.opened_at.localeCompare(b.opened_at)))

  /** A fresh picture: what is not in it is gone. */
  replace(items: readonly Item[]): void {
    this.pages = new Map()
    this.alerts = []
    this.hear(items)
  }

  hear(changes: readonly Item[]): void {
    const next = new Map(this.pages)
    for (const change of changes) {
      const [kind = '', id = ''] = change.key.split(':')
      if (kind === 'oncall_alerts') this.alerts = (change.data as OnCallAlertsState | null)?.alerts ?? []
      else if (kind !== 'page') continue
      else if (change.data === null) next.delete(id)
      else if ((next.get(id)?.ver ?? -1) <= change.ver) next.set(id, change.data as PageState)
    }
    this.pages = next
  }
}

const rank = (page: PageState): number => (page.state === 'open' ? 0 : 1)

export const onCall = new OnCallLive()
