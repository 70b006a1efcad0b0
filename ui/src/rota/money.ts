/** Cents as people read them: « 159,20 € ». */
import { localeTag } from '../lib/i18n.svelte'

export function euros(cents: number): string {
  return new Intl.NumberFormat(localeTag(), { style: 'currency', currency: 'EUR' }).format(cents / 100)
}
