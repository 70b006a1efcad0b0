import '../styles/base.css'
import { mount } from 'svelte'
import { loadCategories } from '../lib/catalogue.svelte'
import { extendMessages, ready } from '../lib/i18n.svelte'
import { requireSession } from '../lib/session.svelte'
import en from '../locales/replies.en.json'
import fr from '../locales/replies.fr.json'
import Replies from './Replies.svelte'

extendMessages({ fr, en })
const [session] = await Promise.all([requireSession(), ready])
if (session) {
  void loadCategories()
  mount(Replies, { target: document.getElementById('app')!, props: { org: session.org } })
}
