import '../styles/base.css'
import { mount } from 'svelte'
import { extendMessages, ready } from '../lib/i18n.svelte'
import { requireSession } from '../lib/session.svelte'
import en from '../locales/crew.en.json'
import fr from '../locales/crew.fr.json'
import Crew from './Crew.svelte'

extendMessages({ fr, en })
const [session] = await Promise.all([requireSession(), ready])
if (session) {
  // The desk may look at a crew's page; the service judges who may.
  const crewId = new URLSearchParams(location.search).get('crew') ?? session.user.crew_id
  mount(Crew, { target: document.getElementById('app')!, props: { crewId, orgName: session.org.name } })
}
if ('serviceWorker' in navigator && import.meta.env.PROD) {
  navigator.serviceWorker.register('/static/sw.js', { scope: '/equipe' }).catch(() => undefined)
}
