import '../styles/base.css'
import { mount } from 'svelte'
import { ready } from '../lib/i18n.svelte'
import Login from './Login.svelte'

await ready
mount(Login, { target: document.getElementById('app')! })
