import { flushSync } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { past } from './past.svelte'
import { view } from './view.svelte'
import { NOTHING_ASKED } from './filters'
import { Windows, paneOf, type Line } from './windows.svelte'

/** One wire to which every window of a test listens; a message reaches everybody but its sender. */
class Wire {
  lines: FakeLine[] = []
  said: { kind: string }[] = []
  line(): FakeLine {
    const made = new FakeLine(this)
    this.lines.push(made)
    return made
  }
}
class FakeLine implements Line {
  onmessage: ((event: MessageEvent) => void) | null = null
  constructor(private wire: Wire) {}
  postMessage(message: unknown): void {
    this.wire.said.push(message as { kind: string })
    for (const one of this.wire.lines) if (one !== this) one.onmessage?.({ data: structuredClone(message) } as MessageEvent)
  }
  close(): void {
    this.wire.lines = this.wire.lines.filter((one) => one !== this)
  }
}

let now = 0
const stops: (() => void)[] = []
function open(wire: Wire, role: Parameters<Windows['start']>[0], close = () => undefined as void): Windows {
  const made = new Windows()
  stops.push(made.start(role, wire.line(), close, () => now))
  return made
}

beforeEach(() => {
  vi.useFakeTimers()
  now = 0
  view.select(null)
  view.ask(NOTHING_ASKED)
})
afterEach(() => {
  stops.splice(0).forEach((stop) => stop())
  vi.useRealTimers()
})

test('windows know of each other, and of one that closes', () => {
  const wire = new Wire()
  const main = open(wire, 'main')
  expect(main.has('map')).toBe(false)
  const map = open(wire, 'map')
  expect(main.has('map')).toBe(true)
  expect(map.isOrphan).toBe(false)
  stops.pop()!()
  expect(main.has('map')).toBe(false)
})

test('a pane whose board is closed says so', () => {
  const wire = new Wire()
  open(wire, 'main')
  const queue = open(wire, 'queue')
  stops.shift()!()
  expect(queue.isOrphan).toBe(true)
})

test('a window that fell silent is gone after more than a minute, not sooner', () => {
  const wire = new Wire()
  const main = open(wire, 'main')
  const dead = wire.line()
  dead.postMessage({ kind: 'here', role: 'timeline', from: 'dead' })
  now = 60_000
  vi.advanceTimersByTime(2_000)
  expect(main.has('timeline')).toBe(true)
  now = 80_000
  vi.advanceTimersByTime(2_000)
  expect(main.has('timeline')).toBe(false)
})

test('what is selected and asked is told once to the others', () => {
  const wire = new Wire()
  open(wire, 'main')
  wire.said.length = 0
  view.select('i7')
  view.search = 'fuite'
  flushSync()
  const told = wire.said.filter((one) => one.kind === 'view')
  expect(told).toMatchObject([{ shared: { selectedId: 'i7', search: 'fuite', pastAt: null } }])
})

test('what another window shows is followed, and not told back', () => {
  const wire = new Wire()
  open(wire, 'map')
  const other = wire.line()
  wire.said.length = 0
  other.postMessage({ kind: 'view', from: 'x', shared: { selectedId: 'i9', crewId: 'c2', tab: 'mine', search: '', narrowed: { ...NOTHING_ASKED, priorities: ['P1'] }, pastAt: null } })
  flushSync()
  expect(view.selectedId).toBe('i9')
  expect(view.crewId).toBe('c2')
  expect(view.asked).toMatchObject({ mine: true, priorities: ['P1'] })
  expect(wire.said.filter((one) => one.kind === 'view')).toHaveLength(1)
})

test('looking back is one instant in all windows', () => {
  const wire = new Wire()
  open(wire, 'map')
  const go = vi.spyOn(past, 'go').mockImplementation(() => undefined)
  wire.line().postMessage({ kind: 'view', from: 'x', shared: { selectedId: null, crewId: null, tab: 'all', search: '', narrowed: NOTHING_ASKED, pastAt: 1_000_000 } })
  expect(go).toHaveBeenCalledWith(1_000_000)
  expect(view.isLookingBack).toBe(true)
  view.isLookingBack = false
  go.mockRestore()
})

test('a pane that comes new is shown what the board looks at', () => {
  const wire = new Wire()
  open(wire, 'main')
  view.select('i3')
  flushSync()
  const fresh = wire.line()
  const heard: { kind: string; shared?: { selectedId: string } }[] = []
  fresh.onmessage = (event) => heard.push(event.data as (typeof heard)[number])
  fresh.postMessage({ kind: 'who', from: 'fresh' })
  expect(heard.find((one) => one.kind === 'view')?.shared?.selectedId).toBe('i3')
})

test('bringing a pane back closes its window and no other', () => {
  const wire = new Wire()
  const main = open(wire, 'main')
  const closed: string[] = []
  open(wire, 'map', () => void closed.push('map'))
  open(wire, 'queue', () => void closed.push('queue'))
  main.bringBack('map')
  expect(closed).toEqual(['map'])
})

test('an address names one of four panes or none', () => {
  expect(paneOf('?pane=map&moi=1')).toBe('map')
  expect(paneOf('?pane=kitchen')).toBeNull()
})
