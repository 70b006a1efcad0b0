/**
 * What a filter of the queue lets through, and how it is written in the address of a window. Pure: who reads, and what
 * is known of a row, come as arguments.
 */
import type { FilterWanted, IncidentStatus, Priority } from '../../lib/types'
import { plain } from './model'
import type { Row } from './queue.svelte'

export type Wanted = Required<FilterWanted>
type Lists = 'priorities' | 'categories' | 'services' | 'states' | 'sectors' | 'channels'
type Flags = 'mine' | 'unassigned' | 'late' | 'at_risk'

export const NOTHING_ASKED: Wanted = Object.freeze({
  words: '', priorities: [], categories: [], services: [], states: [], sectors: [], channels: [],
  mine: false, unassigned: false, late: false, at_risk: false,
})

/** Short names of the fields in an address, French like the addresses of the pages. */
const IN_ADDRESS: Record<Lists | Flags | 'words', string> = {
  words: 'mots', priorities: 'classe', categories: 'categorie', services: 'service', states: 'etat', sectors: 'secteur',
  channels: 'canal', mine: 'moi', unassigned: 'libre', late: 'retard', at_risk: 'risque',
}
export const LISTS: readonly Lists[] = ['priorities', 'services', 'categories', 'states', 'sectors', 'channels']
export const FLAGS: readonly Flags[] = ['mine', 'unassigned', 'late', 'at_risk']

/** What a filter may ask of a row beyond the incident itself. */
export interface Reader {
  me: string | undefined
  sectorOf: (insee: string | null | undefined) => string | undefined
  /** Everything that words are looked for in, plain. */
  textOf: (row: Row) => string
  waits: (row: Row) => boolean
}

export function matches(row: Row, wanted: Wanted, reader: Reader): boolean {
  const { incident } = row
  return (
    has(wanted.priorities, incident.priority) &&
    has(wanted.categories, incident.category) &&
    has(wanted.services, incident.service) &&
    has(wanted.states, incident.state) &&
    (wanted.sectors.length === 0 || has(wanted.sectors, reader.sectorOf(incident.place.insee))) &&
    (wanted.channels.length === 0 || incident.channels.some((channel) => wanted.channels.includes(channel))) &&
    (!wanted.mine || (reader.me !== undefined && incident.acknowledged_by === reader.me)) &&
    (!wanted.unassigned || reader.waits(row)) &&
    (!wanted.late || row.jeopardy === 'late') &&
    (!wanted.at_risk || row.jeopardy !== null) &&
    saysAll(wanted.words, row, reader)
  )
}

function has<T>(wanted: readonly T[], found: T | undefined): boolean {
  return wanted.length === 0 || (found !== undefined && wanted.includes(found))
}

function saysAll(words: string, row: Row, reader: Reader): boolean {
  if (!words) return true
  const text = reader.textOf(row)
  return plain(words).split(/\s+/).filter(Boolean).every((word) => text.includes(word))
}

export function isAsking(wanted: Wanted): boolean {
  return wanted.words !== '' || LISTS.some((name) => wanted[name].length > 0) || FLAGS.some((name) => wanted[name])
}

export function isSame(a: Wanted, b: Wanted): boolean {
  const sorted = (wanted: Wanted) => JSON.stringify([plain(wanted.words.trim()), ...LISTS.map((name) => [...wanted[name]].sort()), ...FLAGS.map((name) => wanted[name])])
  return sorted(a) === sorted(b)
}

/** Writes a filter into the query of an address; what it does not ask leaves the query. */
export function toAddress(wanted: Wanted, query: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(query)
  for (const name of Object.values(IN_ADDRESS)) next.delete(name)
  if (wanted.words) next.set(IN_ADDRESS.words, wanted.words)
  for (const name of LISTS) if (wanted[name].length > 0) next.set(IN_ADDRESS[name], wanted[name].join(','))
  for (const name of FLAGS) if (wanted[name]) next.set(IN_ADDRESS[name], '1')
  return next
}

const CLASSES: ReadonlySet<string> = new Set(['P1', 'P2', 'P3', 'P4'])

/** Reads a filter from an address somebody kept or sent: what is no longer known asks nothing. */
export function fromAddress(query: URLSearchParams): Wanted {
  const list = (name: Lists): string[] => (query.get(IN_ADDRESS[name]) ?? '').split(',').filter(Boolean).slice(0, 60)
  const flag = (name: Flags): boolean => query.get(IN_ADDRESS[name]) === '1'
  return {
    words: (query.get(IN_ADDRESS.words) ?? '').slice(0, 100),
    priorities: list('priorities').filter((one): one is Priority => CLASSES.has(one)),
    categories: list('categories'), services: list('services'), states: list('states') as IncidentStatus[],
    sectors: list('sectors'), channels: list('channels'),
    mine: flag('mine'), unassigned: flag('unassigned'), late: flag('late'), at_risk: flag('at_risk'),
  }
}
