/** The frames of the live socket as the browser sees them; `realtime/protocol.py` is their home. */

/** One key at one version; `data` null means that it is gone. */
export interface Change { key: string; ver: number; data: unknown }
export interface Position { epoch: string; offset: number }
/** `prev` is the offset before it: greater than the one held means that something is missing. */
export interface Publication extends Change { offset: number; prev: number; also?: Change[] }
export interface Loaded extends Position { recovered: boolean; publications?: Publication[]; snapshot?: Change[] }
/** `at`: where within the topic, in words of the pages; `incident:<id>` on the board. */
export interface Person { id: string; label: string; at?: string }
export interface Failure { code: number; message: string; temporary: boolean }

export interface Reply {
  error?: Failure
  connect?: { ping: number; subs: Record<string, Loaded | { error: Failure }> }
  subscribe?: Loaded
  presence?: { present: Person[] }
}

export interface Frame extends Reply {
  id?: number
  topic?: string
  pub?: Publication
  resync?: { reason: string }
  disconnect?: { code: number; reconnect: boolean; within_ms: number }
}
