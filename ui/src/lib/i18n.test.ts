import { beforeEach, expect, test, vi } from 'vitest'
import en from '../locales/en.json'
import fr from '../locales/fr.json'

beforeEach(() => {
  vi.resetModules()
  localStorage.clear()
  document.cookie = 'cpo_locale=; Path=/; Max-Age=0'
})

test('who reads English gets English words before the page is made', async () => {
  localStorage.setItem('cpo.locale', JSON.stringify('en'))
  const { ready, t } = await import('./i18n.svelte')
  await ready
  expect(t('queue.title')).toBe(en['queue.title'])
})

test('French is there at once, and English comes when it is chosen', async () => {
  const { locale, ready, setLocale, t } = await import('./i18n.svelte')
  await ready
  expect(t('queue.title')).toBe(fr['queue.title'])
  setLocale('en')
  expect(locale()).toBe('en')
  await vi.waitFor(() => expect(t('queue.enter_call')).toBe(en['queue.enter_call']))
})
