/** A score's reasons as words: what counts, and the evidence beside it. Rules without a sentence show their name. */
import { categoryLabel } from './catalogue.svelte'
import { distance, time } from './format'
import { hasMessage, t } from './i18n.svelte'
import type { Counterfactual, Params, Reason } from './types'

export interface ReasonWords { key: string; points: number; title: string; evidence: string }

/** Reasons by weight, the two axes of one rule added up: a reader asks what counts, not on which axis. */
export function reasonWords(reasons: readonly Reason[]): ReasonWords[] {
  const merged = new Map<string, Reason>()
  for (const reason of reasons) {
    const key = `${reason.rule} ${JSON.stringify(reason.params)}`
    const before = merged.get(key)
    merged.set(key, before ? { ...before, points: before.points + reason.points } : reason)
  }
  return [...merged.entries()]
    .map(([key, reason]) => ({ key, points: reason.points, ...words(reason) }))
    .sort((a, b) => b.points - a.points)
}

/** The strongest reason beside what it is: the thing a dispatcher does not see in the title. */
export function topReason(reasons: readonly Reason[]): ReasonWords | undefined {
  const found = reasonWords(reasons)
  return found.find((one) => !one.key.startsWith('category ') && one.points > 0) ?? found[0]
}

function words(reason: Reason): { title: string; evidence: string } {
  const raw = reason.params ?? {}
  const params = readable(raw)
  if (reason.rule === 'category') return { title: categoryLabel(String(raw.category ?? '')), evidence: t('reason.category.evidence') }
  const specific = `reason.${reason.rule}.${String(raw.kind ?? raw.phenomenon ?? '')}`
  const key = hasMessage(specific) ? specific : `reason.${reason.rule}`
  if (!hasMessage(key)) return { title: reason.rule.replaceAll('_', ' '), evidence: '' }
  const evidence = `reason.${reason.rule}.${raw.sensor ? 'named' : 'evidence'}`
  // A danger read from what a report says, not from one of its words: there is nothing to quote.
  const isQuoting = raw.word === undefined || String(raw.word).trim() !== ''
  return { title: t(key, params), evidence: isQuoting && hasMessage(evidence) ? t(evidence, params) : '' }
}

/** « Serait P2 (69) sans l’hôpital si proche. » */
export function counterfactualWords(found: Counterfactual): { outcome: string; condition: string } {
  const key = `counterfactual.${found.change}`
  return {
    outcome: `${found.priority} (${found.score})`,
    condition: hasMessage(key) ? t(key, readable(found.params)) : found.change.replaceAll('_', ' '),
  }
}

/** Raw evidence made ready for a sentence: codes become words, metres become distances, instants become hours. */
export function readable(params: Params): Record<string, string | number> {
  const out: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(params)) {
    if (typeof value !== 'string' && typeof value !== 'number') continue
    if (/_m$/.test(name)) out[name] = distance(Number(value))
    else if (/(^|_)at$/.test(name)) out[name] = time(String(value))
    else if (name === 'within_min') out[name] = Math.max(1, Number(value))
    else if (name === 'skill') out.skill = named(['skill'], String(value))
    else if (name === 'kind') out.kind = named(['site', 'danger'], String(value))
    else if (name === 'phenomenon') out.phenomenon = named(['weather'], String(value))
    else if (name === 'colour') out.colour = named(['colour'], String(value))
    else if (name === 'metric') out.metric = named(['metric'], String(value))
    else out[name] = value
  }
  const count = Object.values(params).find((value) => typeof value === 'number')
  if (count !== undefined) out.n = Number(count)
  return out
}

export function named(groups: string[], code: string): string {
  const key = groups.map((name) => `${name}.${code}`).find(hasMessage)
  return key ? t(key) : code.replaceAll('_', ' ')
}
