/**
 * Keyboard shortcuts of a page: single keys (`j`), sequences (`g t`), digits. They never fire while somebody types,
 * nor while a dialog is open, and never steal a combination that belongs to the browser.
 */
export type KeyMap = Record<string, (event: KeyboardEvent) => void>

const SEQUENCE_MS = 1200

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !['radio', 'checkbox', 'button', 'range'].includes(target.type)
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

/** Enter and Space already mean something on these. */
function isPressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a[href], summary, input, [role="button"]') !== null
}

export function bindKeys(map: KeyMap, enabled: () => boolean = () => true): () => void {
  let prefix = ''
  let prefixAt = 0
  const prefixes = new Set(Object.keys(map).filter((key) => key.includes(' ')).map((key) => key.split(' ')[0]))

  function onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (isTyping(event.target) || !enabled() || document.querySelector('dialog[open]')) return
    if ((event.key === 'Enter' || event.key === ' ') && isPressable(event.target)) return
    const fresh = prefix !== '' && event.timeStamp - prefixAt < SEQUENCE_MS
    const action = (fresh && map[`${prefix} ${event.key}`]) || map[event.key]
    prefix = ''
    if (action) {
      event.preventDefault()
      action(event)
    } else if (prefixes.has(event.key)) {
      prefix = event.key
      prefixAt = event.timeStamp
    }
  }
  window.addEventListener('keydown', onKey)
  return () => window.removeEventListener('keydown', onKey)
}
