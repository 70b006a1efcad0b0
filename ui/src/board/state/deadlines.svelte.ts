/**
 * How likely the promises of what is on screen are missed. A likelihood moves slowly: rows that come into sight are asked
 * for together, and those in sight again every half minute. Never all: of thousands that is megabytes and seconds.
 */
import { get } from '../../lib/api'
import type { Standing } from '../../lib/types'

const EVERY_MS = 30_000
/** A list that is scrolled or walked through by keys asks once it rests. */
const SETTLE_MS = 400
const AT_ONCE = 100
const KEPT = 400
/** Below this a likelihood is no news; certain breaches are told as late already. */
export const WORTH_TELLING = 0.3

class Deadlines {
  #all = $state.raw(new Map<string, Standing>())
  #shown: readonly string[] = []
  #asked = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | undefined

  of(id: string): Standing | undefined {
    return this.#all.get(id)
  }

  /** Says which rows are in sight. */
  show(ids: readonly string[]): void {
    this.#shown = ids
    if (this.#timer !== undefined || ids.every((id) => this.#asked.has(id))) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.load(this.#shown.filter((id) => !this.#asked.has(id)))
    }, SETTLE_MS)
  }

  async load(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += AT_ONCE) await this.#ask(ids.slice(start, start + AT_ONCE))
  }

  async #ask(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#asked.add(id)
    try {
      const found = await get<Standing[]>(`/deadlines?${ids.map((id) => `incident_id=${id}`).join('&')}`)
      const all = new Map(this.#all)
      for (const id of ids) all.delete(id)
      for (const one of found) all.set(one.incident_id, one)
      // A day of scrolling must not fill the memory: what is out of sight is asked for again.
      for (const id of all.keys()) if (all.size > KEPT && !this.#shown.includes(id)) all.delete(id)
      if (this.#asked.size > 2 * KEPT) this.#asked = new Set([...all.keys(), ...this.#shown])
      this.#all = all
    } catch {
      // The last known likelihoods stay; hours and countdowns come from the board itself.
      for (const id of ids) this.#asked.delete(id)
    }
  }

  start(): () => void {
    const timer = setInterval(() => void this.load(this.#shown), EVERY_MS)
    return () => {
      clearInterval(timer)
      clearTimeout(this.#timer)
    }
  }
}

export const deadlines = new Deadlines()
