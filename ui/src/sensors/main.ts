import '../styles/base.css'
import { mount } from 'svelte'
import { extendMessages, ready } from '../lib/i18n.svelte'
import { requireSession } from '../lib/session.svelte'
import en from '../locales/sensors.en.json'
import fr from '../locales/sensors.fr.json'
import Sensors from './Sensors.svelte'

extendMessages({ fr, en })
const [session] = await Promise.all([requireSession(), ready])
if (session) mount(Sensors, { target: document.getElementById('app')!, props: { org: session.org } })
