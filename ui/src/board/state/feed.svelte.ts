/**
 * Connects the board to the live topic of its organisation, and says how true the screen is. Where neither a socket nor
 * a stream gets through the whole board is asked again over HTTP every few seconds: slower, never wrong.
 */
import { exactNow } from '../../lib/clock.svelte'
import { get } from '../../lib/api'
import { Live, isTrue, type Batch, type Change, type LiveState, type Person } from '../../lib/live'
import { currentUser, goToLogin } from '../../lib/session.svelte'
import { board } from './board.svelte'
import { past } from './past.svelte'
import { view } from './view.svelte'

const PATIENCE_MS = 4_000
/** A picture of thousands that is on its way must not be asked for twice. */
const LONGER_MS = 4_000
const LOOK_AGAIN_MS = 8_000
const ATTEND_MS = 8_000
/** j pressed ten times running is one look, at the tenth. */
const REST_MS = 400

class Connection {
  state = $state<LiveState>('reconnecting')
  /** Service time of the newest thing on screen; the wall clock would not match the clock of a demo. */
  dataAt = $state<number | null>(null)
  /** Colleagues who look at this board too. */
  others = $state.raw<Person[]>([])
  /** Who looks at which incident. */
  #lookers = $derived(lookersOf(this.others))

  lookersAt(incidentId: string): readonly Person[] {
    return this.#lookers.get(incidentId) ?? NOBODY
  }
}

const NOBODY: readonly Person[] = []
const PLACE = 'incident:'

export function lookersOf(people: readonly Person[]): ReadonlyMap<string, Person[]> {
  const found = new Map<string, Person[]>()
  for (const person of people) {
    if (!person.at?.startsWith(PLACE)) continue
    const id = person.at.slice(PLACE.length)
    found.set(id, [...(found.get(id) ?? []), person])
  }
  return found
}

export const connection = new Connection()

export function startFeed(org: string): () => void {
  const topic = `board:${org}`
  let timer: ReturnType<typeof setTimeout> | undefined
  const touch = () => (connection.dataAt = exactNow())

  async function lookOverHttp(isLastCall = false): Promise<void> {
    if (live.isReached && !isLastCall) {
      timer = setTimeout(() => void lookOverHttp(true), LONGER_MS)
      return
    }
    try {
      const picture = await get<{ items: Change[] }>('/board')
      if (!isTrue(connection.state) && past.at === null) board.replace(picture.items)
      touch()
    } catch {
      // Neither door answers: what is on screen stays, dated.
    }
    if (!isTrue(connection.state)) timer = setTimeout(() => void lookOverHttp(), LOOK_AGAIN_MS)
  }
  function onState(state: LiveState): void {
    if (state === connection.state && !isTrue(state)) return
    connection.state = state
    if (isTrue(state)) touch()
    clearTimeout(timer)
    if (!isTrue(state)) timer = setTimeout(() => void lookOverHttp(), PATIENCE_MS)
  }
  async function attend(): Promise<void> {
    const present = await live.attend(topic, view.selectedId ? `incident:${view.selectedId}` : '')
    // One person may have several sessions open: `<user>.<session>`.
    const people = new Map(present.map((person) => [person.id.split('.')[0]!, person]))
    people.delete(currentUser()?.id ?? '')
    connection.others = [...people.values()]
  }

  const live = new Live({ name: 'board', onRefused: goToLogin })
  const show = ({ changes, snapshot }: Batch): void => {
    touch()
    if (past.at !== null) return
    if (snapshot) board.replace(changes)
    else board.apply(changes)
  }
  let leave = live.subscribe(topic, show)
  past.comesBackBy(() => {
    // A new listener gets everything that is held; the old one goes after, so that the topic stays followed.
    const old = leave
    leave = live.subscribe(topic, (batch) => show(batch))
    old()
  })
  const unwatch = live.watch(onState)
  const stop = live.start()
  let resting: ReturnType<typeof setTimeout> | undefined
  const unfollow = $effect.root(() => {
    $effect(() => {
      void view.selectedId
      clearTimeout(resting)
      resting = setTimeout(() => void attend(), REST_MS)
    })
  })
  const here = setInterval(() => void attend(), ATTEND_MS)
  const first = setTimeout(() => void attend(), 1_500)
  timer = setTimeout(() => void lookOverHttp(), PATIENCE_MS)
  return () => {
    unfollow()
    for (const one of [timer, first, resting]) clearTimeout(one)
    clearInterval(here)
    unwatch()
    stop()
  }
}
