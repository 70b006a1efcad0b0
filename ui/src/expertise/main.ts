import '../styles/base.css'
import { mount } from 'svelte'
import { loadCategories } from '../lib/catalogue.svelte'
import { extendMessages, ready } from '../lib/i18n.svelte'
import { requireSession } from '../lib/session.svelte'
import en from '../locales/expertise.en.json'
import fr from '../locales/expertise.fr.json'
import Expertise from './Expertise.svelte'

extendMessages({ fr, en })
const [session] = await Promise.all([requireSession(), ready])
if (session) {
  void loadCategories()
  mount(Expertise, { target: document.getElementById('app')!, props: { org: session.org } })
}
