/** Names of rules in the reader's language; an authority may have rules that no dictionary knows. */
import { hasMessage, t } from '../lib/i18n.svelte'

export function ruleName(name: string): string {
  return hasMessage(`rota.rule.${name}`) ? t(`rota.rule.${name}`) : name
}
