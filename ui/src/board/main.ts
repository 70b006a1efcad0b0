import '../styles/base.css'
import { mount } from 'svelte'
import { extendMessages, ready } from '../lib/i18n.svelte'
import en from '../locales/oncall.en.json'
import fr from '../locales/oncall.fr.json'
import Board from './Board.svelte'

extendMessages({ fr, en })
await ready
mount(Board, { target: document.getElementById('app')! })
