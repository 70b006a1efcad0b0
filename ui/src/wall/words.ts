import { extendMessages } from '../lib/i18n.svelte'
import en from '../locales/wall.en.json'
import fr from '../locales/wall.fr.json'

extendMessages({ fr, en })
