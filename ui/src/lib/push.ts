/** Asks a browser to take push messages from us; used by the pages of crews and of people on call. */
export interface Taken { endpoint: string; keys: { p256dh: string; auth: string } }

/** Our public key as the browser wants it. */
export function keyBytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(plain, (char) => char.charCodeAt(0))
}

/** « Firefox, Android »: enough to know one's devices apart. */
export function browserName(agent: string): string {
  const browser = /Edg\//.test(agent) ? 'Edge' : /Firefox\//.test(agent) ? 'Firefox' : /Chrome\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : 'Navigateur'
  const system = /iPhone|iPad/.test(agent) ? 'iOS' : /Android/.test(agent) ? 'Android' : /Windows/.test(agent) ? 'Windows' : /Mac/.test(agent) ? 'macOS' : 'Linux'
  return `${browser}, ${system}`
}

/** The subscription, or null when the reader refuses; throws when the browser cannot. */
export async function takePush(publicKey: string, scope: string): Promise<Taken | null> {
  if ((await Notification.requestPermission()) !== 'granted') return null
  const worker = await navigator.serviceWorker.register('/static/sw.js', { scope })
  if (!worker.active) await new Promise<void>((done) => {
    const starting = worker.installing ?? worker.waiting
    starting?.addEventListener('statechange', () => starting.state === 'activated' && done())
    if (!starting) done()
  })
  const key = keyBytes(publicKey)
  const known = await worker.pushManager.getSubscription()
  const same = known?.options.applicationServerKey && String(new Uint8Array(known.options.applicationServerKey)) === String(key)
  if (known && !same) await known.unsubscribe()
  const taken = known && same ? known : await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  const { endpoint, keys } = taken.toJSON()
  return { endpoint: endpoint!, keys: { p256dh: keys!.p256dh!, auth: keys!.auth! } }
}
