/** Connects the board to the live topic of its organisation, and says how true the screen is. */
import { exactNow } from '../../lib/clock.svelte'
import { get } from '../../lib/api'
import { board, type Change } from './board.svelte'

class Connection {
  state = $state<'live' | 'reconnecting' | 'stale'>('reconnecting')
  /** Service time of the newest thing on screen. */
  dataAt = $state<number | null>(null)
}

export const connection = new Connection()

export function startFeed(_org: string): () => void {
  void get<{ items: Change[] }>('/board').then((picture) => {
    board.replace(picture.items)
    connection.state = 'live'
    connection.dataAt = exactNow()
  })
  return () => undefined
}
