import '../styles/base.css'
import { mount } from 'svelte'
import { loadCategories } from '../lib/catalogue.svelte'
import { extendMessages, ready } from '../lib/i18n.svelte'
import { requireSession } from '../lib/session.svelte'
import en from '../locales/competence.en.json'
import fr from '../locales/competence.fr.json'
import Competence from './Competence.svelte'

extendMessages({ fr, en })
const [session] = await Promise.all([requireSession(), ready])
if (session) {
  void loadCategories()
  mount(Competence, { target: document.getElementById('app')!, props: { org: session.org } })
}
