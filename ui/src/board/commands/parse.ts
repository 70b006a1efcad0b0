/**
 * What does a line in the command bar mean? Free words search; a slash commands. Matching is by prefix, without accents
 * or case, and every ambiguity is offered rather than guessed.
 */
import { t } from '../../lib/i18n.svelte'
import type { CrewState, VisitStatus } from '../../lib/types'
import { plain } from '../state/model'

export type Command =
  | { kind: 'search'; text: string }
  | { kind: 'new'; text: string }
  | { kind: 'state'; crew: CrewState; to: VisitStatus }
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

const VERBS = ['/s', '/new']

export function parse(line: string, crews: readonly CrewState[]): Command {
  const text = line.trim()
  if (!text.startsWith('/')) return { kind: 'search', text }
  if (/^\/n(e|ew)?(\s|$)/i.test(text)) return { kind: 'new', text: text.replace(/^\/\w+\s*/, '') }
  const found = suggest(line, crews).filter((one) => one.command.kind === 'state')
  return found.length === 1 ? found[0]!.command : { kind: 'partial' }
}

/** What the line could become; Tab takes the first. */
export function suggest(line: string, crews: readonly CrewState[]): Suggestion[] {
  const text = line.trimStart()
  if (!text.startsWith('/')) return []
  const state = /^\/s\s+(.*)$/i.exec(text)
  if (state) return suggestStates(state[1] ?? '', crews)
  if (/^\/n(e|ew)?\s/i.test(text)) {
    const words = text.replace(/^\/\w+\s*/, '')
    return [{ label: t('command.new', { text: words || '…' }), detail: t('command.new_detail'), fill: text, command: { kind: 'new', text: words } }]
  }
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
