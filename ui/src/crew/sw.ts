/**
 * Lets the crew page open without network: its shell and assets are kept from the last visit. It never touches the API;
 * the day and the outbox live in the page.
 */
const KEPT = 'crew-1'
const PAGE = '/equipe'

interface Lasting extends Event { waitUntil(work: Promise<unknown>): void }
interface Fetching extends Event { request: Request; respondWith(answer: Promise<Response>): void }
interface Pushed extends Lasting { data: { json(): unknown } | null }
interface Tapped extends Lasting { notification: { close(): void; data?: { url?: string } } }
interface Page { url: string; focus(): Promise<unknown> }
interface Worker {
  registration: { scope: string; showNotification(title: string, options: object): Promise<void> }
  skipWaiting(): Promise<void>
  clients: { claim(): Promise<void>; matchAll(options: object): Promise<Page[]>; openWindow(url: string): Promise<unknown> }
  addEventListener(type: 'install' | 'activate', run: (event: Lasting) => void): void
  addEventListener(type: 'fetch', run: (event: Fetching) => void): void
  addEventListener(type: 'push', run: (event: Pushed) => void): void
  addEventListener(type: 'notificationclick', run: (event: Tapped) => void): void
}
const worker = self as unknown as Worker

/** The page of the first visit loaded before this worker watched: fetch what it is made of, fonts included. */
async function keepShell(): Promise<void> {
  const cache = await caches.open(KEPT)
  const page = await fetch(PAGE)
  if (!page.ok) return
  const html = await page.clone().text()
  await cache.put(PAGE, page)
  const parts = html.match(/\/static\/[^"']+/g) ?? []
  await cache.addAll(parts)
  for (const sheet of parts.filter((part) => part.endsWith('.css'))) {
    const css = await (await cache.match(sheet))!.text()
    await cache.addAll(css.match(/\/static\/[^)"']+/g) ?? [])
  }
}

async function cacheFirst(request: Request): Promise<Response> {
  const cache = await caches.open(KEPT)
  const kept = await cache.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) await cache.put(request, answer.clone())
  return answer
}

async function networkFirst(request: Request, key: string): Promise<Response> {
  const cache = await caches.open(KEPT)
  try {
    const answer = await fetch(request)
    if (answer.ok) await cache.put(key, answer.clone())
    return answer
  } catch (error) {
    const kept = await cache.match(key)
    if (kept) return kept
    throw error
  }
}

worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()))

worker.addEventListener('activate', (event) => {
  const forget = async () => {
    for (const name of await caches.keys()) if (name.startsWith('crew-') && name !== KEPT) await caches.delete(name)
  }
  // The same worker rings on the page of people on call, which has no shell to keep.
  const isCrew = new URL(worker.registration.scope).pathname.startsWith(PAGE)
  event.waitUntil(Promise.all([forget(), isCrew ? keepShell() : null, worker.clients.claim()]))
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { pathname, origin } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  if (pathname.startsWith('/static/assets/')) event.respondWith(cacheFirst(request))
  else if (pathname.startsWith('/static/')) event.respondWith(networkFirst(request, pathname))
  else if (pathname === PAGE && request.mode === 'navigate') event.respondWith(networkFirst(request, PAGE))
})

worker.addEventListener('push', (event) => {
  const { title = 'CPO', body = '', url = PAGE, tag } = (event.data?.json() ?? {}) as Record<string, string | undefined>
  event.waitUntil(worker.registration.showNotification(title, { body, tag, renotify: Boolean(tag), requireInteraction: true, icon: '/static/favicon.svg', data: { url } }))
})

/** A tap leads to the page that answers: the one that is open, else a new one; never to another site. */
worker.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const url = new URL(event.notification.data?.url ?? PAGE, location.origin)
  if (url.origin !== location.origin) return
  const show = async () => {
    const open = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true })
    await (open.find((page) => page.url === url.href)?.focus() ?? worker.clients.openWindow(url.href))
  }
  event.waitUntil(show())
})
export {}
