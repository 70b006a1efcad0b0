/**
 * Which words does this reader see? French first, English second.
 *
 * A message is a sentence with `{name}` holes, or `{one, other}` forms chosen by `params.n` with the plural rules of the
 * language. A missing key shows itself, so that a screenshot finds it; the test on locale files finds it earlier.
 */
import fr from '../locales/fr.json'
import { recall, remember } from './storage'

export type Locale = 'fr' | 'en'
export type Message = string | { one: string; other: string }
export type Messages = Record<string, Message>
export type Params = Record<string, string | number | null | undefined>
/** Known keys complete in the editor; composed keys (`state.${x}`) stay possible. */
export type MessageKey = keyof typeof fr | (string & {})

const tables: Record<Locale, Messages> = { fr: { ...fr }, en: {} }
const figures = { fr: new Intl.NumberFormat('fr-FR', { maximumFractionDigits: 2 }), en: new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 }) }
const plurals = { fr: new Intl.PluralRules('fr'), en: new Intl.PluralRules('en') }

let current = $state<Locale>(initialLocale())
let revision = $state(0)
let english: Promise<void> | undefined

/** Settles when the words of the present language are here; English ones are fetched by who reads English. */
export const ready: Promise<void> = initialLocale() === 'en' ? fetchEnglish() : Promise.resolve()

function fetchEnglish(): Promise<void> {
  english ??= import('../locales/en.json').then(
    ({ default: words }) => extendMessages({ fr: {}, en: words }),
    () => void (english = undefined), // no network: French until the next try
  )
  return english
}

function initialLocale(): Locale {
  const kept = recall<string | null>('locale', null)
  if (kept === 'fr' || kept === 'en') return kept
  return /(?:^|; )cpo_locale=en\b/.test(globalThis.document?.cookie ?? '') ? 'en' : 'fr'
}

export function locale(): Locale {
  return current
}

/** BCP 47 tag for `Intl`: English readers here still use the 24-hour clock and Monday weeks. */
export function localeTag(): string {
  return current === 'fr' ? 'fr-FR' : 'en-GB'
}

export function setLocale(next: Locale): void {
  if (next === 'en') void fetchEnglish()
  current = next
  remember('locale', next)
  // The server renders the citizen pages and error sentences: it reads the same choice from this cookie.
  document.cookie = `cpo_locale=${next}; Path=/; Max-Age=31536000; SameSite=Lax`
  document.documentElement.lang = next
}

/** Adds the words of one page to the shared table, so that the login page does not carry the rota's. */
export function extendMessages(more: Record<Locale, Messages>): void {
  Object.assign(tables.fr, more.fr)
  Object.assign(tables.en, more.en)
  revision += 1
}

export function hasMessage(key: string): boolean {
  return key in tables[current]
}

export function t(key: MessageKey, params: Params = {}): string {
  void revision
  const message = tables[current][key] ?? tables.fr[key]
  if (message === undefined) return key
  return fill(pickForm(message, current, params), params)
}

export function pickForm(message: Message, language: Locale, params: Params): string {
  if (typeof message === 'string') return message
  const category = plurals[language].select(Number(params.n ?? 0))
  return category === 'one' ? message.one : message.other
}

export function fill(sentence: string, params: Params): string {
  return sentence.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = params[name]
    if (value === undefined || value === null) return name in params ? '' : hole
    return typeof value === 'number' ? figures[current].format(value) : value
  })
}
