/**
 * Keys pressed between asking for a dialog and its being there belong to the dialog: they wait for it, instead of being
 * taken for the board's own keys. Whoever presses `c` and types on loses nothing, however slow the network.
 */

/** Begins to hold keys; `give` hands them to the field that has the focus by then, `stop` forgets them. */
export function holdKeys(leave: () => void): { give: () => void; stop: () => void } {
  let text = ''
  function onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape') leave()
    else if (event.key === 'Backspace') text = text.slice(0, -1)
    else if (event.key.length === 1) text += event.key
    else if (event.key !== 'Enter') return
    event.preventDefault()
    event.stopImmediatePropagation()
  }
  window.addEventListener('keydown', onKey, true)
  const stop = (): void => window.removeEventListener('keydown', onKey, true)
  const give = (): void => {
    stop()
    const field = document.activeElement
    if (text === '' || !(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return
    field.setRangeText(text, field.value.length, field.value.length, 'end')
    field.dispatchEvent(new InputEvent('input', { bubbles: true }))
  }
  return { give, stop }
}
