/** The call being typed. Kept on this machine at each keystroke, with the idempotency key it will be sent under. */
import { newKey } from '../../lib/api'
import { exactNow } from '../../lib/clock.svelte'
import { forget, recall, remember } from '../../lib/storage'
import type { ReportIn } from '../../lib/types'

interface Kept {
  key: string
  text: string
  category: string | null
  at: { lat: number; lon: number; address?: string } | null
  name: string
  phone: string
  joins: string | null
  startedAt: number | null
  savedAt: number | null
}

const blank = (): Kept => ({ key: newKey(), text: '', category: null, at: null, name: '', phone: '', joins: null, startedAt: null, savedAt: null })

class Draft {
  #kept = $state<Kept>(recall<Kept>('call', blank()))

  get value(): Readonly<Kept> {
    return this.#kept
  }

  change(part: Partial<Kept>): void {
    // A caller waits in real time, also when the service's clock runs faster in a demo.
    const startedAt = this.#kept.startedAt ?? Date.now()
    Object.assign(this.#kept, part, { startedAt, savedAt: exactNow() })
    remember('call', this.#kept)
  }

  /** A new key too: the next call is another call. Returns what was thrown away, for the undo. */
  clear(): Kept {
    const before = { ...this.#kept }
    this.#kept = blank()
    forget('call')
    return before
  }

  restore(kept: Kept): void {
    this.#kept = kept
    remember('call', kept)
  }

  get isEmpty(): boolean {
    return this.#kept.text.trim() === ''
  }

  report(): ReportIn {
    const { text, category, at, name, phone, joins } = this.#kept
    const contact = { ...(name.trim() && { name: name.trim() }), ...(phone.trim() && { phone: phone.trim() }) }
    return {
      text: text.trim(),
      channel: 'phone',
      ...(category && { category }),
      ...(at && { place: at }),
      ...(joins && { joins }),
      ...(Object.keys(contact).length > 0 && { contact }),
    }
  }
}

export const draft = new Draft()
