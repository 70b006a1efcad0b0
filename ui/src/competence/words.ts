/** Rules and what is wrong with them, as sentences. */
import { categoryLabel } from '../lib/catalogue.svelte'
import { hasMessage, t } from '../lib/i18n.svelte'
import type { Rule, RulesProblem, RulesTry } from '../lib/types'

const named = (group: string, code: string): string => (hasMessage(`${group}.${code}`) ? t(`${group}.${code}`) : code.replaceAll('_', ' '))

export function problemWords(problem: RulesProblem): string {
  const key = `rules.problem.${problem.code}`
  return hasMessage(key) ? t(key, { word: problem.word }) : problem.message
}

/** « Département de la Corrèze », « la commune du lieu » */
export function bodyWords(rule: Pick<Rule, 'level' | 'name'>): string {
  if (rule.name) return named('competence.name', rule.name)
  const key = `rules.body.${rule.level}`
  return hasMessage(key) ? t(key) : t(`competence.level.${rule.level}`)
}

/** Each condition as one piece of a sentence; none means that it always holds. */
export function conditionWords(rule: Rule): string[] {
  const list = (codes: readonly string[], words: (code: string) => string): string => codes.map(words).join(', ')
  const found: string[] = []
  if (rule.services.length) found.push(list(rule.services, (code) => named('rules.service', code)))
  if (rule.categories.length) found.push(list(rule.categories, categoryLabel))
  if (rule.communes.length) found.push(t('rules.communes', { codes: rule.communes.join(', ') }))
  if (rule.councils.length) found.push(t('rules.councils', { codes: rule.councils.join(', ') }))
  if (rule.roads.length) found.push(list(rule.roads, (code) => t(`rules.road.${code}`)))
  if (rule.in_town !== null) found.push(t(rule.in_town ? 'rules.in_town' : 'rules.out_of_town'))
  if (rule.open_hours !== null) found.push(t(rule.open_hours ? 'rules.open' : 'rules.closed'))
  return found
}

/** The sentence that proves the answer: what the rule says, what held, the text it rests on. */
export function proofWords(answer: RulesTry): string {
  const last = answer.tried.at(-1)
  if (!answer.found || !last) return t('rules.nobody')
  const key = `competence.rule.${answer.found.rule}`
  const said = hasMessage(key) ? t(key) : t('rules.because', { what: conditionWords(last.rule).join(' · ') || t('rules.always') })
  return answer.found.source ? `${said} (${answer.found.source})` : said
}
