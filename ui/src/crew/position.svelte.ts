/**
 * Where the crew is, told only between « En route » and « Terminé » and only while it agrees: one tap ends it, and the
 * badge always says which. Knows nothing of visits; the page says when a job is open.
 */
import { ApiError, post } from '../lib/api'
import { recall, remember } from '../lib/storage'

export type Sharing = 'idle' | 'shared' | 'off' | 'unavailable'

const EVERY_MS = 20_000

export class Position {
  /** What the crew chose on this phone. */
  isAllowed = $state(recall('position.allowed', true))
  #isOpen = $state(false)
  #isUnavailable = $state(false)
  #watch: number | undefined
  #toldAt = 0

  constructor(readonly crewId: string) {}

  state: Sharing = $derived(this.#isUnavailable ? 'unavailable' : !this.isAllowed ? 'off' : this.#isOpen ? 'shared' : 'idle')

  toggle(): void {
    this.isAllowed = !this.isAllowed
    remember('position.allowed', this.isAllowed)
    this.follow(this.#isOpen)
  }

  /** Starts with the first open job, stops with the last. */
  follow(isOpen: boolean): void {
    this.#isOpen = isOpen
    const wanted = isOpen && this.isAllowed && !this.#isUnavailable && 'geolocation' in navigator
    if (wanted && this.#watch === undefined) {
      this.#watch = navigator.geolocation.watchPosition((found) => void this.#tell(found), () => this.#give(), { enableHighAccuracy: true, maximumAge: EVERY_MS })
    } else if (!wanted) this.stop()
  }

  stop(): void {
    if (this.#watch !== undefined) navigator.geolocation.clearWatch(this.#watch)
    this.#watch = undefined
  }

  async #tell({ coords }: GeolocationPosition): Promise<void> {
    if (Date.now() - this.#toldAt < EVERY_MS) return
    this.#toldAt = Date.now()
    try {
      await post(`/crews/${this.crewId}/position`, { lat: coords.latitude, lon: coords.longitude, accuracy_m: Math.round(coords.accuracy) })
    } catch (error) {
      // A lost position is not kept: only the latest one is worth telling. A service that takes none is not asked again.
      if (error instanceof ApiError && (error.status === 404 || error.status === 405)) this.#give()
    }
  }

  #give(): void {
    this.#isUnavailable = true
    this.stop()
  }
}
