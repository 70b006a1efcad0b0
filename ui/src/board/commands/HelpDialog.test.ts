import { render } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import HelpDialog from './HelpDialog.svelte'

test('keys are written as they stand on a French keyboard, ranges as ranges', () => {
  HTMLDialogElement.prototype.showModal ??= () => undefined
  const { container } = render(HelpDialog, { onclose: () => undefined })
  const keys = [...container.querySelectorAll('kbd')].map((one) => one.textContent)
  expect(keys).toEqual(expect.arrayContaining(['Entrée', 'Espace', 'Maj', 'Échap', '1…9']))
  expect(keys.filter((one) => one === 'Enter' || one?.startsWith('key.'))).toEqual([])
  // Every sentence is written: a missing one shows its name.
  expect(container.textContent).not.toMatch(/help\.\w/)
})
