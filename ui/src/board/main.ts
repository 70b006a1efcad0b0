import '../styles/base.css'
import { mount } from 'svelte'
import { extendMessages, ready } from '../lib/i18n.svelte'
import en from '../locales/oncall.en.json'
import fr from '../locales/oncall.fr.json'
import Board from './Board.svelte'
import { view } from './state/view.svelte'
import { paneOf } from './state/windows.svelte'

extendMessages({ fr, en })
await ready
// A link from another page names the incident that it means.
view.select(new URLSearchParams(location.search).get('incident'))
const target = document.getElementById('app')!
const pane = paneOf(location.search)
if (pane) mount((await import('./panes/PaneWindow.svelte')).default, { target, props: { pane } })
else mount(Board, { target })
