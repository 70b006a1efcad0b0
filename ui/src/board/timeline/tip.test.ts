import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { tip } from './tip.svelte'

const words = { title: 'Nid-de-poule', facts: 'P3 · Naves', more: [] }
let bar: HTMLButtonElement
const pointer = (pointerType: string): PointerEvent => ({ currentTarget: bar, pointerType }) as unknown as PointerEvent
const focus = (): FocusEvent => ({ currentTarget: bar }) as unknown as FocusEvent

beforeEach(() => {
  vi.useFakeTimers()
  bar = document.body.appendChild(document.createElement('button'))
})
afterEach(() => {
  tip.away()
  bar.remove()
  vi.useRealTimers()
})

test('a resting mouse, a held finger and the keyboard each read the whole bar', () => {
  tip.point(pointer('mouse'), () => words)
  vi.advanceTimersByTime(200)
  expect(tip.shown).toBeNull()
  vi.advanceTimersByTime(200)
  expect(tip.shown).toMatchObject(words)
  tip.away()
  tip.point(pointer('touch'), () => words)
  vi.advanceTimersByTime(200)
  expect(tip.shown).toMatchObject(words)
  tip.away()
  bar.matches = (asked) => asked === ':focus-visible'
  tip.focus(focus(), () => words)
  expect(tip.shown).toMatchObject(words)
})

test('passing over, a click, and a bar that has gone say nothing', () => {
  tip.point(pointer('mouse'), () => words)
  tip.away()
  vi.advanceTimersByTime(1000)
  bar.matches = () => false
  tip.focus(focus(), () => words)
  expect(tip.shown).toBeNull()
  tip.point(pointer('mouse'), () => words)
  bar.remove()
  vi.advanceTimersByTime(1000)
  expect(tip.shown).toBeNull()
})
