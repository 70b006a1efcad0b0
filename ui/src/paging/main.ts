import '../styles/base.css'
import { mount } from 'svelte'
import { extendMessages, ready } from '../lib/i18n.svelte'
import { requireSession } from '../lib/session.svelte'
import calls_en from '../locales/oncall.en.json'
import calls_fr from '../locales/oncall.fr.json'
import en from '../locales/paging.en.json'
import fr from '../locales/paging.fr.json'
import Paging from './Paging.svelte'

extendMessages({ fr, en })
extendMessages({ fr: calls_fr, en: calls_en })
const [session] = await Promise.all([requireSession(), ready])
if (session) mount(Paging, { target: document.getElementById('app')!, props: { org: session.org, isDemo: session.demo } })
