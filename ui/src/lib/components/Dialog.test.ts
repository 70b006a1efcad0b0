import { createRawSnippet } from 'svelte'
import { render } from '@testing-library/svelte'
import { tick } from 'svelte'
import { beforeAll, expect, test } from 'vitest'
import { activeToasts, dismissToast, showToast } from '../toast.svelte'
import Dialog from './Dialog.svelte'

const children = createRawSnippet(() => ({ render: () => '<p>Une note</p>' }))

beforeAll(() => {
  // jsdom draws no modal panels.
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) { this.open = true }
  HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) { this.open = false }
})

test('what is refused under a modal panel is told inside it, until something else is told or it closes', async () => {
  const { container, unmount } = render(Dialog, { title: 'Note', onclose: () => undefined, children })
  showToast({ kind: 'problem', text: 'Le serveur ne répond pas.' })
  await tick()
  expect(container.querySelector('dialog [role=alert]')?.textContent).toContain('Le serveur ne répond pas.')
  expect(activeToasts()).toEqual([])

  // It went through at last: nothing is refused any more.
  showToast({ text: 'Note ajoutée' })
  await tick()
  expect(container.querySelector('[role=alert]')).toBeNull()
  expect(activeToasts().map((one) => one.text)).toEqual(['Note ajoutée'])

  // Closed before it was read: the page tells it.
  showToast({ kind: 'problem', text: 'Refusé.' })
  unmount()
  expect(activeToasts().map((one) => one.text)).toContain('Refusé.')
  for (const one of activeToasts()) dismissToast(one.id)
})

test('a panel to write in begins in its first field, and one to read does not', () => {
  const form = createRawSnippet(() => ({ render: () => '<div><input type="checkbox"><textarea></textarea></div>' }))
  const writing = render(Dialog, { title: 'Note', onclose: () => undefined, children: form })
  expect(document.activeElement).toBe(writing.container.querySelector('textarea'))
  writing.unmount()
  const reading = render(Dialog, { title: 'Aide', onclose: () => undefined, children })
  expect(reading.container.querySelector('.body')!.contains(document.activeElement)).toBe(false)
})
