/** The sensors as the service last told of them, asked again while somebody looks. */
import { get } from '../lib/api'
import { explainError } from '../lib/errors'
import type { Sensor } from '../lib/types'
import { bySector, isOdd, type Shown } from './words'

const EVERY_MS = 15_000

class Network {
  all = $state.raw<Sensor[] | null>(null)
  problem = $state<string | null>(null)
  shown = $state<Shown>('all')

  odd = $derived((this.all ?? []).filter((one) => isOdd(one)))
  quiet = $derived((this.all ?? []).filter((one) => one.state === 'stale' || one.state === 'silent'))
  sectors = $derived(bySector(this.shown === 'odd' ? this.odd : this.shown === 'quiet' ? this.quiet : (this.all ?? [])))

  async load(): Promise<void> {
    try {
      this.all = await get<Sensor[]>('/sensors')
      this.problem = null
    } catch (error) {
      // What was told before stays on screen, with the reason why it is not newer.
      this.problem = explainError(error)
    }
  }

  /** Asks now and again until the returned function is called; a hidden page does not ask. */
  watch(): () => void {
    const ask = (): void => void (document.visibilityState === 'visible' && this.load())
    ask()
    const timer = setInterval(ask, EVERY_MS)
    document.addEventListener('visibilitychange', ask)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', ask)
    }
  }
}

export const network = new Network()
