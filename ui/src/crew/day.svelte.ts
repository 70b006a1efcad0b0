/**
 * The crew's day as this phone knows it: the last truth of the service, kept for the valleys without network, and over
 * it what the crew has said since. Talks to the service through the outbox and the live topic only.
 */
import { ApiError, get, newKey, post, send } from '../lib/api'
import { clockState, exactNow, setClock } from '../lib/clock.svelte'
import { goToLogin } from '../lib/session.svelte'
import { recall, remember } from '../lib/storage'
import type { ClockState, CrewState, Item, LoneState, VisitState, VisitStatus } from '../lib/types'
import { moveOf, replay, trim, waiting, withEntries, type Entry, type Outcome, type Saying } from './outbox'
import { openStore, type Store } from './store'
import { finished, route } from './steps'

interface Kept { crew: CrewState | null; lone?: LoneState | null; visits: VisitState[]; deskPhone: string | null; at: number; clock: ClockState | null }

type Answer = VisitState | LoneState | { visit: VisitState } | null

const RETRY_MS = 15_000
/** Long enough to see that the wrong button was pressed. */
export const TAKE_BACK_MS = 4_000

export class Day {
  crew = $state.raw<CrewState | null>(null)
  visits = $state.raw<VisitState[]>([])
  entries = $state.raw<Entry[]>([])
  deskPhone = $state<string | null>(null)
  /** Service time of what is on screen, in milliseconds; null before the first answer. */
  knownAt = $state<number | null>(null)
  /** The phone could not keep the last thing said: private window or full disk. */
  isForgetful = $state(false)

  /** The watch over whoever works alone; the service holds its hour. */
  lone = $state.raw<LoneState | null>(null)
  /** Counts what experts said, so that cards are read again. */
  asked = $state(0)
  /** Counts what arrived, so that what is read beside the day is read again. */
  sent = $state(0)

  seen = $derived(withEntries(this.visits, this.entries))
  route = $derived(route(this.seen))
  finished = $derived(finished(this.seen))
  waiting = $derived(waiting(this.entries))
  #timer: ReturnType<typeof setTimeout> | undefined
  #isReplaying = false

  /** The outbox of the last opening; nothing is sent or kept before it is read. */
  #store: Promise<Store>

  constructor(readonly crewId: string) {
    const kept = recall<Kept | null>(`day.${crewId}`, null)
    this.#store = this.#open()
    if (!kept) return
    Object.assign(this, { crew: kept.crew, visits: kept.visits, lone: kept.lone ?? null, deskPhone: kept.deskPhone, knownAt: kept.at })
    setClock(kept.clock)
  }

  /** Asks for the whole day; without network the kept one stays. */
  async load(): Promise<void> {
    const day = await get<{ crew: CrewState; visits: VisitState[]; desk_phone?: string | null }>(`/crews/${this.crewId}/day`)
    this.crew = day.crew
    this.visits = day.visits
    this.deskPhone = day.desk_phone ?? null
    this.#keep()
  }

  /** The live topic's picture or changes; a change replaces what is older. */
  apply(items: readonly Item[], isWhole: boolean): void {
    if (isWhole) this.lone = null
    const visits = new Map(isWhole ? [] : this.visits.map((visit) => [visit.id, visit]))
    for (const { key, ver, data } of items) {
      const [kind, id = ''] = key.split(':')
      if (kind === 'clock') setClock(data as ClockState | null)
      else if (kind === 'question') this.asked += 1
      else if (kind === 'lone') this.#watch(data as LoneState | null, id)
      else if (kind === 'crew' && data) this.crew = data as CrewState
      else if (kind === 'visit' && data === null) visits.delete(id)
      else if (kind === 'visit' && (visits.get(id)?.ver ?? -1) <= ver) visits.set(id, data as VisitState)
    }
    this.visits = [...visits.values()].filter((visit) => visit.crew_id === this.crewId)
    this.#keep()
  }

  #watch(found: LoneState | null, id: string): void {
    if (found || this.lone?.id === id) this.lone = found
  }

  /** Says that a visit reached a state; returns the entry's key, with which it can still be taken back. */
  say(visit: VisitState, to: VisitStatus, reason?: string): string {
    const isFinal = to === 'completed' || to === 'incomplete'
    return this.tell(moveOf(visit, to, reason), { isHeld: isFinal })
  }

  /** Says anything about a visit; `isHeld` leaves time to take it back. A blob is kept before its entry is. */
  tell(saying: Saying, { isHeld = false, blob }: { isHeld?: boolean; blob?: Blob } = {}): string {
    const at = new Date(exactNow()).toISOString()
    const entry: Entry = {
      ...saying, key: newKey(), at, body: { ...saying.body, at }, state: 'kept', hasBlob: blob !== undefined,
      holdUntil: isHeld ? Date.now() + TAKE_BACK_MS : undefined,
    }
    if (blob) void this.#store.then((store) => store.keepBlob(entry.key, blob)).then((isKept) => (this.isForgetful ||= !isKept))
    this.#setEntries([...this.entries, entry])
    void this.flush()
    return entry.key
  }

  takeBack(key: string): void {
    this.#setEntries(this.entries.filter((entry) => entry.key !== key || entry.state !== 'kept'))
    void this.#store.then((store) => store.forgetBlob(key))
  }

  dismiss(key: string): void {
    this.#setEntries(this.entries.filter((entry) => entry.key !== key))
  }

  async flush(): Promise<void> {
    if (this.#isReplaying) return
    this.#isReplaying = true
    clearTimeout(this.#timer)
    try {
      await this.#store
      let outcome: Outcome
      // Again as long as something was said while the last answer was on its way.
      do outcome = await replay(this.entries, (entry) => this.#send(entry), (entry) => this.#settle(entry), Date.now)
      while (outcome === 'empty' && this.waiting.length > 0)
      if (outcome === 'signed_out') goToLogin()
      if (outcome === 'offline') this.#later(RETRY_MS)
      if (outcome === 'held') this.#later(Math.max(0, (this.waiting[0]?.holdUntil ?? 0) - Date.now()))
    } finally {
      this.#isReplaying = false
    }
  }

  #later(ms: number): void {
    this.#timer = setTimeout(() => void this.flush(), ms)
  }

  async #send(entry: Entry): Promise<void> {
    const answer = entry.hasBlob ? await this.#sendBlob(entry) : await post<Answer>(entry.path, entry.body, { idempotencyKey: entry.key })
    const visit = answer && ('visit' in answer ? answer.visit : answer)
    if (answer && 'interval_min' in answer) this.lone = answer.state === 'ended' ? null : answer
    if (visit && 'work_order_id' in visit) this.apply([{ key: `visit:${visit.id}`, ver: visit.ver, data: visit }], false)
    this.sent += 1
  }

  /** A file that this browser has lost cannot be sent: the entry goes, so that the queue goes on. */
  async #sendBlob({ key, path }: Entry): Promise<null> {
    const blob = await (await this.#store).blob(key)
    if (!blob) throw new ApiError({ status: 410, code: 'file_lost' })
    await send(path, blob, { idempotencyKey: key })
    return null
  }

  async #open(): Promise<Store> {
    const store = await openStore()
    const known = await store.entries(this.crewId).catch(() => [])
    // What was said while the store opened comes after what it holds.
    this.entries = [...known, ...this.entries]
    return store
  }

  #settle(settled: Entry): void {
    if (settled.hasBlob && settled.state === 'sent') void this.#store.then((store) => store.forgetBlob(settled.key))
    this.#setEntries(trim(this.entries.map((entry) => (entry.key === settled.key ? settled : entry))))
  }

  #setEntries(entries: Entry[]): void {
    this.entries = entries
    void this.#store.then((store) => store.keep(this.crewId, this.entries)).then((isKept) => (this.isForgetful = !isKept))
  }

  #keep(): void {
    this.knownAt = exactNow()
    const kept: Kept = { crew: this.crew, lone: this.lone, visits: this.visits, deskPhone: this.deskPhone, at: this.knownAt, clock: clockState() }
    remember(`day.${this.crewId}`, kept)
  }
}
