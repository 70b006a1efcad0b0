/** Why an incident may be the same, in words: what speaks for it, strongest first; time and distance are shown apart. */
import { percent } from './format'
import { t } from './i18n.svelte'
import type { PreviewDuplicate } from './types'

/** Below this a trait does not speak for it. */
const TELLING = 0.4
const KINDS: Record<string, string> = { category: 'alike.category', candidate: 'alike.candidate' }

export function likenessWords(one: PreviewDuplicate): string {
  const told: string[] = []
  for (const reason of one.reasons ?? []) {
    if (Number(reason.value ?? 0) < TELLING) continue
    if (reason.trait === 'category') told.push(t(KINDS[String(reason.same)] ?? 'alike.service'))
    else if (reason.trait === 'words' && reason.shared) told.push(t('alike.words'))
    else if (reason.trait === 'place' && reason.same_street) told.push(t('alike.street'))
    else if (reason.trait === 'place' && reason.same_commune) told.push(t('alike.commune'))
    else if (reason.trait === 'place' && reason.distance_m !== undefined) told.push(t('alike.near'))
  }
  return [...told, t('merge.alike', { share: percent(one.likeness) })].join(' · ')
}
