import '../styles/base.css'
import { mount } from 'svelte'
import { extendMessages } from '../lib/i18n.svelte'
import { requireSession } from '../lib/session.svelte'
import en from '../locales/rota.en.json'
import fr from '../locales/rota.fr.json'
import Rota from './Rota.svelte'

extendMessages({ fr, en })
const session = await requireSession()
if (session) mount(Rota, { target: document.getElementById('app')!, props: { org: session.org, isDemo: session.demo } })
