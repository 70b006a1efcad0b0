/**
 * What changed, now: one connection, any number of topics, each a keyed store that is whole, in order and without holes,
 * or says so. Resumes where it stopped, asks again when it missed something, never believes a silent socket, and goes
 * over plain HTTP where no socket gets through. Protocol: `docs/api.md`.
 */
import { Retry } from './live-retry'
import { openSocket, type Ear, type Wire } from './live-socket'
import { openStream } from './live-stream'
import {
  HELLO_MS, LOOK_MS, PATIENCE, PONG_MS, RESTREAM_MS, RETRY_TOPIC_MS, STABLE_MS, WAKE_SPREAD_MS, isTrue,
  type LiveOptions, type LiveState,
} from './live-state'
import { LiveTopic, type Listener } from './live-topic'
import type { Failure, Frame, Loaded, Person, Position, Reply } from './live-wire'

export { isTrue, type LiveOptions, type LiveState } from './live-state'
export type { Batch, Listener } from './live-topic'
export type { Change, Person } from './live-wire'

const ownUrl = () => `${location.origin.replace(/^http/, 'ws')}/api/v1/live`

export class Live {
  /** Wall time, in milliseconds, at which everything held was known to be true; null before the first answer. */
  dataAt: number | null = null
  #topics = new Map<string, LiveTopic>()
  #watchers = new Set<(state: LiveState, dataAt: number | null) => void>()
  #waiting = new Map<number, (reply: Reply) => void>()
  #wire: Wire | undefined
  #isOpen = false
  #isOver = false
  #isAdvised = false
  #number = 0
  #blocked = 0
  #unheard = 0
  #connectedAt = 0
  #heardAt = 0
  #lostAt = Date.now()
  #pingMs = 25_000
  #retry = new Retry(() => void this.#connect())
  #watch: ReturnType<typeof setInterval> | undefined
  #told: LiveState = 'reconnecting'

  constructor(readonly options: LiveOptions) {}

  get state(): LiveState {
    const complete = this.#isOpen && [...this.#topics.values()].every((topic) => topic.isWhole)
    if (complete) return this.#wire?.isTwoWay ? 'live' : 'degraded'
    if (navigator.onLine === false) return 'offline'
    return this.#isOver || Date.now() - this.#lostAt > STABLE_MS ? 'stale' : 'reconnecting'
  }

  /** Whether the service was reached and may be answering; a large topic takes seconds on a slow line. */
  get isReached(): boolean { return this.#wire?.isOpen === true }

  /** Hears every change of state, the present one first; returns the way to stop. */
  watch(watcher: (state: LiveState, dataAt: number | null) => void): () => void {
    this.#watchers.add(watcher)
    watcher(this.state, this.dataAt)
    return () => this.#watchers.delete(watcher)
  }

  /** Follows a topic; the listener gets what is held, then one batch an animation frame. Returns the way to stop. */
  subscribe(name: string, listener: Listener): () => void {
    let topic = this.#topics.get(name)
    if (!topic) {
      topic = new LiveTopic(name)
      this.#topics.set(name, topic)
      if (this.#isOpen) this.#load(topic)
      this.#tell()
    }
    const followed = topic
    const stop = followed.subscribe(listener)
    return () => {
      stop()
      if (followed.isFollowed || this.#topics.get(name) !== followed) return
      this.#topics.delete(name)
      // A stream goes on telling; nobody listens.
      if (this.#isOpen && this.#wire?.isTwoWay) this.#ask('unsubscribe', { topic: name }, () => {})
      this.#tell()
    }
  }

  /** Says that this person looks at a topic, and where in it, for half a minute; returns everybody who does, nobody while offline. */
  async attend(topic: string, at = ''): Promise<Person[]> {
    if (!this.#isOpen || !this.#wire?.isTwoWay) return []
    return new Promise((resolve) => this.#ask('presence', at ? { topic, at } : { topic }, ({ presence }) => resolve(presence?.present ?? [])))
  }

  /** Connects, and stays connected; returns the way to stop. */
  start(): () => void {
    addEventListener('online', this.#wake)
    addEventListener('offline', this.#look)
    document.addEventListener('visibilitychange', this.#wake)
    this.#watch = setInterval(this.#look, LOOK_MS)
    void this.#connect()
    return () => this.#stop()
  }

  #stop(): void {
    this.#isOver = true
    removeEventListener('online', this.#wake)
    removeEventListener('offline', this.#look)
    document.removeEventListener('visibilitychange', this.#wake)
    clearInterval(this.#watch)
    this.#retry.cancel()
    this.#drop()
    this.#tell()
  }

  async #connect(): Promise<void> {
    this.#retry.cancel()
    let token: string | undefined
    try {
      token = await this.options.token?.()
    } catch {
      return this.#retry.again()
    }
    if (this.#isOver) return
    this.#drop()
    this.#isAdvised = false
    this.#heardAt = Date.now()
    const ear: Ear = { opened: () => this.#hello(token), heard: (frame) => this.#hear(frame), lost: (code) => this.#lost(code) }
    const isBlocked = this.#blocked >= PATIENCE && !this.options.token
    this.#wire = isBlocked
      ? openStream(this.options.spare ?? '/api/v1/live/sse', ear)
      : openSocket(this.options.url ?? ownUrl(), ear)
  }

  #hello(token: string | undefined): void {
    const subs: Record<string, Position | object> = {}
    for (const topic of this.#topics.values()) subs[topic.name] = topic.position ?? {}
    this.#ask('connect', { v: 1, token, name: this.options.name, subs }, ({ connect }) => {
      if (!connect) return
      this.#isOpen = true
      // When this one ends a socket gets one chance: the network may be another one by then.
      this.#blocked = this.#wire?.isTwoWay ? 0 : PATIENCE - 1
      this.#pingMs = connect.ping * 1000
      this.#connectedAt = Date.now()
      for (const [name, answer] of Object.entries(connect.subs)) this.#take(this.#topics.get(name), answer)
      // Topics that were asked for while the answer travelled.
      for (const topic of this.#topics.values()) if (!(topic.name in subs)) this.#load(topic)
    })
  }

  #hear(frame: Frame): void {
    this.#heardAt = Date.now()
    const topic = frame.topic === undefined ? undefined : this.#topics.get(frame.topic)
    if (frame.id !== undefined) this.#answer(frame.id, frame)
    else if (frame.pub && topic && !topic.push(frame.pub)) this.#load(topic)
    else if (frame.resync && topic) this.#load(topic)
    else if (frame.disconnect) this.#obey(frame.disconnect)
    else if (Object.keys(frame).length === 0) this.#wire?.say({})
    this.#tell()
  }

  #load(topic: LiveTopic): void {
    if (topic.isLoading) return
    topic.isLoading = true
    if (!this.#wire?.isTwoWay) {
      this.#blocked = PATIENCE
      return this.#retry.within(RESTREAM_MS)
    }
    this.#ask('subscribe', { topic: topic.name, ...topic.position }, ({ subscribe, error }) => {
      if (subscribe) this.#take(topic, subscribe)
      else if (error) this.#take(topic, { error })
    })
  }

  #take(topic: LiveTopic | undefined, answer: Loaded | { error: Failure }): void {
    if (!topic) return
    if (!('error' in answer)) topic.load(answer)
    else if (!answer.error.temporary) topic.refuse()
    else this.#loadLater(topic)
  }

  /** Until then the topic counts as not whole: what it held may be old. */
  #loadLater(topic: LiveTopic): void {
    topic.isLoading = true
    const again = () => {
      if (!topic.isLoading || !this.#isOpen) return
      topic.isLoading = false
      this.#load(topic)
    }
    setTimeout(again, RETRY_TOPIC_MS * (0.5 + Math.random()))
  }

  /** Calls back with the reply, at once so that a push behind it finds it applied; with nothing if the socket is lost. */
  #ask(word: string, body: object, done: (reply: Reply) => void): void {
    this.#waiting.set(++this.#number, done)
    this.#wire?.say({ id: this.#number, [word]: body })
  }

  #answer(id: number, reply: Reply): void {
    const done = this.#waiting.get(id)
    if (this.#waiting.delete(id)) done?.(reply)
  }

  #lost(code: number): void {
    this.#unheard = this.#isOpen ? 0 : this.#unheard + 1
    if (!this.#isOpen) this.#blocked = this.#wire?.isTwoWay ? this.#blocked + 1 : 0
    this.#drop()
    if (code >= 3500 && code < 4000) {
      this.#stop()
      this.options.onRefused?.(code)
    } else if (!this.#isAdvised) this.#retry.again()
    this.#tell()
  }

  /** The service is about to close: it told everybody a window, and the present socket serves until our turn. */
  #obey({ code, reconnect, within_ms }: NonNullable<Frame['disconnect']>): void {
    if (!reconnect) return this.#lost(code)
    this.#isAdvised = true
    this.#retry.within(within_ms)
  }

  #drop(): void {
    const wire = this.#wire
    this.#wire = undefined
    const unanswered = [...this.#waiting.values()]
    this.#waiting.clear()
    if (this.#isOpen) this.#lostAt = Date.now()
    if (this.#isOpen && Date.now() - this.#connectedAt > STABLE_MS) this.#retry.forgive()
    this.#isOpen = false
    for (const done of unanswered) done({})
    for (const topic of this.#topics.values()) topic.isLoading = false
    wire?.close()
  }

  /** A socket can die without a word, and a sleeping tab misses its own timers. */
  #look = (): void => {
    const patience = this.#isOpen ? this.#pingMs + PONG_MS : HELLO_MS * Math.min(6, 1 + this.#unheard)
    if (this.#wire && Date.now() - this.#heardAt > patience) this.#lost(1006)
    this.#tell()
  }

  #wake = (): void => {
    if (document.hidden || this.#isOver) return
    for (const topic of this.#topics.values()) topic.flush()
    this.#look()
    if (!this.#wire) this.#retry.within(WAKE_SPREAD_MS)
  }

  #tell(): void {
    const { state } = this
    if (isTrue(state)) this.dataAt = this.#heardAt
    if (state === this.#told) return
    this.#told = state
    for (const watcher of this.#watchers) watcher(state, this.dataAt)
  }
}
