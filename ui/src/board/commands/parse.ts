/**
 * What does a line in the command bar mean? Free words search; a slash commands. Matching is by prefix, without accents
 * or case, and every ambiguity is offered rather than guessed.
 */
import { t } from '../../lib/i18n.svelte'
import type { CrewState, SavedFilter, VisitStatus } from '../../lib/types'
import { plain } from '../state/model'

export type Command =
  | { kind: 'search'; text: string }
  | { kind: 'new'; text: string }
  | { kind: 'state'; crew: CrewState; to: VisitStatus }
  /** Without a filter: everything is shown again. */
  | { kind: 'filter'; filter: SavedFilter | null }
  | { kind: 'partial' }

export interface Suggestion { label: string; detail: string; fill: string; command: Command }

/** States that a dispatcher may say for a crew on the radio, with the letters used on it. */
export const SAYABLE: { to: VisitStatus; codes: string[] }[] = [
  { to: 'acknowledged', codes: ['br', 'ack'] },
  { to: 'en_route', codes: ['er', 'rt'] },
  { to: 'on_site', codes: ['sp', 'os'] },
  { to: 'paused', codes: ['ps', 'pa'] },
  { to: 'completed', codes: ['tm', 'fin', 'ok'] },
]

const VERBS = ['/s', '/new', '/f']

/** What lines may name. */
export interface Named { crews: readonly CrewState[]; filters: readonly SavedFilter[] }

export function parse(line: string, named: Named): Command {
  const text = line.trim()
  if (!text.startsWith('/')) return { kind: 'search', text }
  if (/^\/n(e|ew)?(\s|$)/i.test(text)) return { kind: 'new', text: text.replace(/^\/\w+\s*/, '') }
  const found = suggest(line, named)
  // « /f eau » beside « eau » and « eau, Tulle » means the one whose whole name was typed.
  const exact = found.find((one) => plain(one.label) === plain(text))
  const ready = found.filter((one) => one.command.kind !== 'partial')
  return exact?.command ?? (ready.length === 1 ? ready[0]!.command : { kind: 'partial' })
}

/** What the line could become; Tab takes the first. */
export function suggest(line: string, { crews, filters }: Named): Suggestion[] {
  const text = line.trimStart()
  if (!text.startsWith('/')) return []
  const state = /^\/s\s+(.*)$/i.exec(text)
  if (state) return suggestStates(state[1] ?? '', crews)
  if (/^\/n(e|ew)?\s/i.test(text)) {
    const words = text.replace(/^\/\w+\s*/, '')
    return [{ label: t('command.new', { text: words || '…' }), detail: t('command.new_detail'), fill: text, command: { kind: 'new', text: words } }]
  }
  const filter = /^\/f\w*\s+(.*)$/i.exec(text)
  if (filter) return suggestFilters(filter[1] ?? '', filters)
  return VERBS.filter((verb) => verb.startsWith(text.toLowerCase())).map((verb) => ({
    label: verb,
    detail: t(`command.help${verb.replace('/', '.')}`),
    fill: `${verb} `,
    command: { kind: 'partial' },
  }))
}

function suggestStates(rest: string, crews: readonly CrewState[]): Suggestion[] {
  const words = plain(rest)
  const out: Suggestion[] = []
  for (const crew of crews) {
    const name = plain(crew.name)
    const isNamed = words === name || words.startsWith(`${name} `)
    if (!isNamed) {
      if (name.startsWith(words.trim())) out.push({ label: `/s ${crew.name}`, detail: t('command.choose_state'), fill: `/s ${crew.name} `, command: { kind: 'partial' } })
      continue
    }
    const wanted = words.slice(name.length).trim()
    for (const { to, codes } of SAYABLE) {
      const label = t(`visit.${to}`)
      const fits = wanted === '' || codes.includes(wanted) || plain(label).startsWith(wanted)
      if (fits) out.push({ label: `${crew.name} · ${label}`, detail: codes[0]!, fill: `/s ${crew.name} ${codes[0]}`, command: { kind: 'state', crew, to } })
    }
  }
  return out
}

function suggestFilters(rest: string, filters: readonly SavedFilter[]): Suggestion[] {
  const words = plain(rest).trim()
  const all = [...filters.map((filter) => ({ name: filter.name, filter })), { name: t('filter.none'), filter: null }]
  return all
    .filter((one) => plain(one.name).includes(words))
    .map(({ name, filter }) => ({ label: `/f ${name}`, detail: t(filter ? 'command.filter_detail' : 'command.filter_none'), fill: `/f ${name}`, command: { kind: 'filter', filter } }))
}
