import '../styles/base.css'
import { mount } from 'svelte'
import { ready } from '../lib/i18n.svelte'
import Design from './Design.svelte'

await ready
mount(Design, { target: document.getElementById('app')! })
