/** Sentences about what crews ask from the field. */
import { duration } from '../../lib/format'
import { t } from '../../lib/i18n.svelte'
import type { HelpState } from '../../lib/types'

const MINUTE_MS = 60_000

/** « demande 30 min de plus », « pièce manquante : vanne DN 100 » */
export function helpWords(call: HelpState): string {
  const said = t(`help.${call.need}`, { span: call.minutes ? duration(call.minutes * MINUTE_MS) : '' })
  return call.note ? t('help.with_note', { said, note: call.note }) : said
}
