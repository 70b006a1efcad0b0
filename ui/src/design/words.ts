import { extendMessages } from '../lib/i18n.svelte'
import en from '../locales/design.en.json'
import fr from '../locales/design.fr.json'

extendMessages({ fr, en })
