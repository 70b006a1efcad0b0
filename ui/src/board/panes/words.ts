/** The words of the board's lazy panes come with them: the first load stays as small as it was. */
import { extendMessages, hasMessage, t } from '../../lib/i18n.svelte'
import en from '../../locales/panes.en.json'
import fr from '../../locales/panes.fr.json'

extendMessages({ fr, en })

/** A service by its name where it is a usual one, else its code in words. */
export const serviceLabel = (code: string): string => (hasMessage(`service.${code}`) ? t(`service.${code}`) : code.replaceAll('_', ' '))
