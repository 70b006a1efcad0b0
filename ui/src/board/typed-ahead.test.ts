import { afterEach, expect, test, vi } from 'vitest'
import { holdKeys } from './typed-ahead'

const press = (key: string, more: KeyboardEventInit = {}): KeyboardEvent => {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
  document.body.dispatchEvent(event)
  return event
}

afterEach(() => (document.body.innerHTML = ''))

test('what is typed before a dialog is there goes into its field, and into nothing else', () => {
  const others = vi.fn()
  window.addEventListener('keydown', others)
  const held = holdKeys(() => undefined)
  for (const key of ['f', 'o', ' ', 'm', 'x', 'Backspace']) press(key)
  document.body.innerHTML = '<input value="déjà ">'
  const field = document.querySelector('input')!
  const heard = vi.fn()
  field.addEventListener('input', heard)
  field.focus()
  held.give()
  press('j')
  window.removeEventListener('keydown', others)

  expect(field.value).toBe('déjà fo m')
  expect(heard).toHaveBeenCalledOnce()
  expect(others.mock.calls.map(([event]) => (event as KeyboardEvent).key)).toEqual(['j'])
})

test('a combination is the browser’s, and Escape gives up', () => {
  const leave = vi.fn()
  const held = holdKeys(leave)
  expect(press('r', { ctrlKey: true }).defaultPrevented).toBe(false)
  press('Escape')
  held.stop()
  expect(leave).toHaveBeenCalledOnce()
})
