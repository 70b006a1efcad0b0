/** A turn dragged by mouse, pen or finger: it is taken up after a few pixels, and dropped where it is let go. */
import { moving } from './moving.svelte'
import type { Duty } from './table'

const TAKEN_AFTER_PX = 6

export function carry(event: PointerEvent, duty: Duty, isPicked: boolean): void {
  // A finger that lands on a turn mostly wants to scroll: it must have picked the turn first.
  if (event.button !== 0 || (event.pointerType === 'touch' && !isPicked)) return
  const { clientX, clientY, pointerId } = event
  const button = event.currentTarget as HTMLElement
  let isCarried = false

  function move(now: PointerEvent): void {
    if (now.pointerId !== pointerId) return
    if (!isCarried) {
      if (Math.hypot(now.clientX - clientX, now.clientY - clientY) < TAKEN_AFTER_PX) return
      isCarried = true
      void moving.begin(duty)
    }
    const under = document.elementFromPoint(now.clientX, now.clientY)?.closest<HTMLElement>('td[data-cell]')
    moving.over(under?.dataset.cell ?? null)
  }
  function end(now: PointerEvent): void {
    if (now.pointerId !== pointerId) return
    stop()
    if (!isCarried) return
    // The click that follows would pick or unpick the turn under the pointer.
    addEventListener('click', swallow, { capture: true, once: true })
    setTimeout(() => removeEventListener('click', swallow, { capture: true }), 0)
    if (now.type === 'pointerup' && moving.target) void moving.drop()
    else moving.cancel()
  }
  function swallow(click: Event): void {
    click.stopPropagation()
    click.preventDefault()
  }
  function stop(): void {
    removeEventListener('pointermove', move)
    removeEventListener('pointerup', end)
    removeEventListener('pointercancel', end)
    button.removeEventListener('dragstart', swallow)
  }
  addEventListener('pointermove', move)
  addEventListener('pointerup', end)
  addEventListener('pointercancel', end)
  button.addEventListener('dragstart', swallow)
}
