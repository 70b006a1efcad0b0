/** What is wrong with a policy, in the reader's language; rare mistakes keep the checker's own words. */
import { hasMessage, t } from '../lib/i18n.svelte'
import { named } from '../lib/reasons'
import type { PolicyHint, PolicyProblem } from '../lib/types'
import { categoryLabel } from '../lib/catalogue.svelte'

export function problemWords(problem: PolicyProblem): string {
  const key = `policy.problem.${problem.code}`
  const params = Object.fromEntries(Object.entries(problem.params).map(([name, value]) => [name, String(value)]))
  if (problem.code === 'value_error' && problem.path === 'thresholds') return t('policy.problem.thresholds')
  return hasMessage(key) ? t(key, params) : problem.message
}

/** « Danger : verglas », « Nid-de-poule », « Nuit » */
export function ruleWords(hint: Pick<PolicyHint, 'rule' | 'kind'>): string {
  if (hint.rule === 'category') return categoryLabel(hint.kind)
  if (hint.kind) return named(['danger', 'site', 'weather'], hint.kind)
  const key = `policy.rule.${hint.rule}`
  return hasMessage(key) ? t(key) : hint.rule.replaceAll('_', ' ')
}
