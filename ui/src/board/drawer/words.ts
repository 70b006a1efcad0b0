/** Sentences about offers: what a crew would cost, what it displaces, why another cannot go. */
import { duration, moment } from '../../lib/format'
import { hasMessage, t } from '../../lib/i18n.svelte'
import { readable } from '../../lib/reasons'
import { legWords } from '../../lib/travel'
import type { Offer, Refusal } from '../../lib/types'

export function refusalWords(refusal: Refusal): string {
  const key = `refusal.${refusal.reason}`
  return hasMessage(key) ? t(key, readable(refusal.params)) : refusal.reason.replaceAll('_', ' ')
}

/** « +6 min », « −1 h 05 »: driving added to the round, or spared. */
export function signedDuration(seconds: number): string {
  if (Math.abs(seconds) < 60) return t('offers.no_detour')
  return `${seconds < 0 ? '−' : '+'}${duration(seconds * 1000)}`
}

/** « +6 min · décale « Nid-de-poule » de 50 min · trajet 18 min, réseau routier » */
export function offerWords(offer: Offer): string {
  const detour = t('offers.detour', { span: signedDuration(offer.detour_s) })
  return `${detour}${offer.bumped.length > 0 ? ` · ${bumpWords(offer)}` : ''} · ${legWords(offer)}`
}

function bumpWords(offer: Offer): string {
  const [first] = offer.bumped
  if (offer.bumped.length === 1 && first && first.delay_s === null) return t('offers.drops_one', { title: first.title })
  if (offer.bumped.length === 1 && first?.delay_s) return t('offers.bumps_one', { title: first.title, span: duration(first.delay_s * 1000) })
  return t('offers.bumps', { n: offer.bumped.length })
}

/** Flags that break a rule; « bumps » is a consequence, told in the words of the offer. */
export const RULES: ReadonlySet<string> = new Set(['window_missed', 'overtime', 'promise_moved'])

export type Verdict = { kind: 'good' | 'warn' | 'risk' | 'none'; text: string }

/** How the offer stands against the promise and the rules: the worst thing first. */
export function verdict(offer: Offer): Verdict {
  if (offer.flags.includes('late') || (offer.margin_s !== null && offer.margin_s < 0)) {
    return { kind: 'risk', text: offer.margin_s === null ? t('flag.late') : t('offers.too_late', { span: duration(offer.margin_s * 1000) }) }
  }
  const broken = offer.flags.find((flag) => RULES.has(flag))
  if (broken) return { kind: 'warn', text: hasMessage(`flag.${broken}`) ? t(`flag.${broken}`) : broken.replaceAll('_', ' ') }
  if (offer.margin_s === null) return { kind: 'none', text: '' }
  return { kind: 'good', text: t('offers.ahead', { span: duration(offer.margin_s * 1000) }) }
}

export function arrivalWords(offer: Offer, now: number): string {
  return t('offers.arrives', { at: moment(offer.start_at, now) })
}
