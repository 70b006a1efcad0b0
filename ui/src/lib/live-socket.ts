/** How frames travel. Normally both ways over a WebSocket; `live-stream.ts` is the way for networks that allow none. */

import type { Frame } from './live-wire'

export interface Ear {
  /** The first command may be said. */
  opened: () => void
  heard: (frame: Frame) => void
  /** It is over, with a close code of the protocol (1006: without a word). Said once. */
  lost: (code: number) => void
}

export interface Wire {
  /** Whether more than the first command can be said. */
  readonly isTwoWay: boolean
  /** Whether the other end has opened the door. */
  readonly isOpen: boolean
  say: (command: object) => void
  /** Ends it; the ear hears nothing any more. */
  close: () => void
}

export function openSocket(url: string, ear: Ear): Wire {
  const socket = new WebSocket(url)
  socket.onopen = ear.opened
  socket.onmessage = (event) => ear.heard(JSON.parse(String(event.data)) as Frame)
  socket.onclose = (event) => ear.lost(event.code)
  return {
    isTwoWay: true,
    get isOpen() {
      return socket.readyState === WebSocket.OPEN
    },
    say: (command) => socket.send(JSON.stringify(command)),
    close: () => {
      socket.onopen = socket.onmessage = socket.onclose = null
      socket.close()
    },
  }
}
