/** Names of the kinds of incident, as this authority calls them. Loaded once; until then the code is shown in words. */
import { get } from './api'
import { locale } from './i18n.svelte'
import type { Category } from './types'

let categories = $state.raw(new Map<string, Category>())

export async function loadCategories(): Promise<void> {
  try {
    const list = await get<Category[]>('/reference/categories')
    categories = new Map(list.map((category) => [category.code, category]))
  } catch {
    // The codes stay readable; the next page load tries again.
  }
}

export function allCategories(): Category[] {
  return [...categories.values()]
}

export function categoryOf(code: string): Category | undefined {
  return categories.get(code)
}

export function categoryLabel(code: string): string {
  const found = categories.get(code)
  if (found) return locale() === 'fr' ? found.label_fr : found.label_en
  const words = code.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
