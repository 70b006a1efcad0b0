import '../styles/base.css'
import { mount } from 'svelte'
import { extendMessages, ready } from '../lib/i18n.svelte'
import en from '../locales/oncall.en.json'
import fr from '../locales/oncall.fr.json'
import Board from './Board.svelte'
import { paneOf } from './state/windows.svelte'

extendMessages({ fr, en })
await ready
const target = document.getElementById('app')!
const pane = paneOf(location.search)
if (pane) mount((await import('./panes/PaneWindow.svelte')).default, { target, props: { pane } })
else mount(Board, { target })
