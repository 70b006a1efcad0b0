import '../styles/base.css'
import { mount } from 'svelte'
import { locale, ready, t } from '../lib/i18n.svelte'
import { theme } from '../lib/theme.svelte'
import { WallFeed, askWith } from './feed.svelte'
import { keepLook } from './look'
import Wall from './Wall.svelte'

keepLook(theme())
await ready
document.documentElement.lang = locale()
document.title = `${t('wall.title')} · ${t('app.name')}`
mount(Wall, { target: document.getElementById('app')!, props: { feed: new WallFeed(askWith(location.hash)) } })
