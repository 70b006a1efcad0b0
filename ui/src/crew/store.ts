/**
 * Where the outbox and its photos live between two openings of the page: IndexedDB, which takes files and survives a
 * dead battery. A private window may refuse it; what is said then lives as long as the page, and the page says so.
 */
import { forget, recall } from '../lib/storage'
import { moveOf, type Entry } from './outbox'
import type { VisitState, VisitStatus } from '../lib/types'

const NAME = 'cpo-crew'
const ENTRIES = 'entries'
const BLOBS = 'blobs'

export interface Store {
  entries(crewId: string): Promise<Entry[]>
  /** False when nothing can be kept. */
  keep(crewId: string, entries: readonly Entry[]): Promise<boolean>
  blob(key: string): Promise<Blob | null>
  keepBlob(key: string, blob: Blob): Promise<boolean>
  forgetBlob(key: string): Promise<void>
}

export async function openStore(): Promise<Store> {
  try {
    return kept(await open())
  } catch {
    return forgetful()
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1)
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(ENTRIES)
      asked.result.createObjectStore(BLOBS)
    }
    asked.onsuccess = () => done(asked.result)
    asked.onerror = () => fail(asked.error ?? new Error('no store'))
    asked.onblocked = () => fail(new Error('blocked'))
  })
}

function kept(database: IDBDatabase): Store {
  const run = <T>(table: string, mode: IDBTransactionMode, ask: (rows: IDBObjectStore) => IDBRequest<T>): Promise<T> =>
    new Promise((done, fail) => {
      const work = database.transaction(table, mode)
      const asked = ask(work.objectStore(table))
      work.oncomplete = () => done(asked.result)
      work.onabort = work.onerror = () => fail(work.error ?? new Error('not kept'))
    })
  const put = (table: string, key: string, value: unknown): Promise<boolean> =>
    run(table, 'readwrite', (rows) => rows.put(value, key)).then(() => true, () => false)
  return {
    async entries(crewId) {
      const found = await run<Entry[] | undefined>(ENTRIES, 'readonly', (rows) => rows.get(crewId))
      return found ?? formerEntries(crewId)
    },
    keep: (crewId, entries) => put(ENTRIES, crewId, JSON.parse(JSON.stringify(entries))),
    blob: async (key) => (await run<Blob | undefined>(BLOBS, 'readonly', (rows) => rows.get(key))) ?? null,
    keepBlob: (key, blob) => put(BLOBS, key, blob),
    forgetBlob: async (key) => void (await run(BLOBS, 'readwrite', (rows) => rows.delete(key)).catch(() => undefined)),
  }
}

function forgetful(): Store {
  const blobs = new Map<string, Blob>()
  return {
    entries: async () => [],
    keep: async () => false,
    blob: async (key) => blobs.get(key) ?? null,
    async keepBlob(key, blob) {
      blobs.set(key, blob)
      return false
    },
    forgetBlob: async (key) => void blobs.delete(key),
  }
}

interface Former { key: string; visitId: string; title: string; to: VisitStatus; at: string; reason?: string; state: Entry['state'] }

/** What an earlier version of this page kept elsewhere is still sent. */
export function formerEntries(crewId: string): Entry[] {
  const former = recall<Former[]>(`outbox.${crewId}`, [])
  forget(`outbox.${crewId}`)
  return former.filter((one) => one.state === 'kept').map(({ key, visitId, title, to, at, reason, state }) => {
    const visit = { id: visitId, brief: { title } } as VisitState
    return { ...moveOf(visit, to, reason), key, at, state }
  })
}
