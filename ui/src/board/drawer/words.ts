/** Sentences about offers: what a crew would cost, what it displaces, why another cannot go. */
import { MINUTE, duration, moment } from '../../lib/format'
import { hasMessage, t } from '../../lib/i18n.svelte'
import { readable } from '../../lib/reasons'
import { driveWords, legWords } from '../../lib/travel'
import type { Lasting, Move, MovePrice, Offer, Params, Term } from '../../lib/types'

export function refusalWords(refusal: { reason: string; params: Params }): string {
  const key = `refusal.${refusal.reason}`
  return hasMessage(key) ? t(key, readable(refusal.params)) : refusal.reason.replaceAll('_', ' ')
}

/** « +6 min », « −1 h 05 »: driving added to the round, or spared. */
export function signedDuration(seconds: number): string {
  if (Math.abs(seconds) < 60) return t('offers.no_detour')
  return `${seconds < 0 ? '−' : '+'}${duration(seconds * 1000)}`
}

/** « Durée prévue : 1 h 10 au lieu de 1 h au catalogue, d’après 34 passages finis de ce type. » */
export function lastingWords(lasting: Lasting): string {
  const [span, catalogue] = [duration(lasting.seconds * 1000), duration(lasting.catalogue_s * 1000)]
  return t('offers.lasting', { span, catalogue, n: lasting.visits })
}

/** « +34 min »: what the whole plan costs more; lateness of emergencies, which outweighs all else, is named. */
export function priceWords(price: MovePrice): string {
  if (Math.abs(price.urgent_min) >= 1) return t('price.urgent', { span: signedMinutes(price.urgent_min) })
  return Math.abs(price.ordinary_min) < 1 ? t('price.none') : signedMinutes(price.ordinary_min)
}

function signedMinutes(minutes: number): string {
  return `${minutes < 0 ? '−' : '+'}${duration(Math.abs(minutes) * MINUTE)}`
}

/** « Trajet +12 min · Retard +20 min »: the terms that weigh, heaviest first. */
export function termWords(terms: readonly Term[], most = 4): string {
  return [...terms]
    .filter((term) => Math.abs(term.minutes) >= 1)
    .sort((a, b) => Math.abs(b.minutes) - Math.abs(a.minutes))
    .slice(0, most)
    .map((term) => `${hasMessage(`term.${term.name}`) ? t(`term.${term.name}`) : term.name.replaceAll('_', ' ')} ${signedMinutes(term.minutes)}`)
    .join(' · ')
}

/** Why a visit stays without a crew: « aucune place dans la journée (Tulle 2 : finirait à 18:10) » */
export function unservedWords(left: { reason?: string | null; params: Params }): string {
  const key = `unserved.${left.reason}`
  const why = hasMessage(key) ? t(key) : (left.reason ?? '').replaceAll('_', ' ')
  const example = left.params.example_reason
  return typeof example === 'string' ? `${why} (${refusalWords({ reason: example, params: left.params })})` : why
}

export function warningWords(warning: string): string {
  return hasMessage(`flag.${warning}`) ? t(`flag.${warning}`) : warning.replaceAll('_', ' ')
}

/** « +6 min · décale « Nid-de-poule » de 50 min · trajet 18 min, réseau routier »; the source may be told once for all. */
export function offerWords(offer: Offer, isSourceToldBelow = false): string {
  const detour = t('offers.detour', { span: signedDuration(offer.detour_s) })
  return `${detour}${offer.bumped.length > 0 ? ` · ${bumpWords(offer)}` : ''} · ${isSourceToldBelow ? driveWords(offer) : legWords(offer)}`
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

/** « +34 min · décale 2 passages » */
export function moveWords(move: Move): string {
  const later = move.shifts.filter((one) => one.shift_s > 0)
  const [first] = later
  const bumped = later.length === 1 && first ? t('offers.bumps_one', { title: first.title, span: duration(first.shift_s * 1000) }) : later.length > 0 ? t('offers.bumps', { n: later.length }) : ''
  return [priceWords(move.price), bumped].filter(Boolean).join(' · ')
}

export function moveVerdict(move: Move): Verdict {
  if (move.warnings.includes('late') && move.margin_s !== null) return { kind: 'risk', text: t('offers.too_late', { span: duration(move.margin_s * 1000) }) }
  const [warning] = move.warnings
  if (warning) return { kind: 'warn', text: warningWords(warning) }
  return move.margin_s === null ? { kind: 'none', text: '' } : { kind: 'good', text: t('offers.ahead', { span: duration(move.margin_s * 1000) }) }
}

export function arrivalWords(offer: Pick<Offer, 'start_at'>, now: number): string {
  return t('offers.arrives', { at: moment(offer.start_at, now) })
}
