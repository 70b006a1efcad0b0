/** How true a screen is, what a page may choose, and the paces of `live.ts`, in milliseconds. */

/**
 * `live`: what is on screen is true. `degraded`: it is, over the spare way, without presence. `reconnecting`: it was, a
 * moment ago. `stale`: it was true at `dataAt`. `offline`: likewise, and this device has no network.
 */
export type LiveState = 'live' | 'degraded' | 'reconnecting' | 'stale' | 'offline'

/** Whether what is on screen is what is so now. */
export const isTrue = (state: LiveState): boolean => state === 'live' || state === 'degraded'

export interface LiveOptions {
  /** Name of the page, for the service's own figures. */
  name: string
  /** Address of the socket; the page's own service when absent. */
  url?: string
  /** Path of the spare way; the page's own service when absent. */
  spare?: string
  /** A single-use token for a page without a session, asked for at every connection; such a page has no spare way. */
  token?: () => Promise<string>
  /** Called when the service closed the door for good: signed out, revoked, too many tabs. */
  onRefused?: (code: number) => void
}

export const WAKE_SPREAD_MS = 2_000
/** A connection that held this long forgives earlier failures; what is on screen without one is stale after it. */
export const STABLE_MS = 30_000
export const LOOK_MS = 5_000
export const PONG_MS = 10_000
export const RETRY_TOPIC_MS = 3_000
/** A stream says what it was opened for: other topics, or one to be read afresh, need another. */
export const RESTREAM_MS = 500
/** Some proxies let the handshake pass and no frame. A large picture from a busy service takes long: each try gives it more. */
export const HELLO_MS = 10_000
/** Sockets that came to nothing, one after the other, before the spare way is tried. */
export const PATIENCE = 2
