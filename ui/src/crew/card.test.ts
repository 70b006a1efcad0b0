import { describe, expect, it } from 'vitest'
import type { VisitCard } from '../lib/types'
import { withNotes } from './card.svelte'
import type { Entry } from './outbox'

const card: VisitCard = {
  visit_id: 'v1', hazards: [], danger: [], access: null, past: [], questions: [],
  checklist: [{ code: 'signs', fr: 'Signalisation', en: 'Signs', done: false, by: null, at: null }],
  parts: [{ name: 'Joint', quantity: 2, by: 'Léa', at: '2026-11-24T09:00:00Z' }],
}
const entry = (path: string, body: Record<string, unknown>, more: Partial<Entry> = {}): Entry => ({
  key: path, visitId: 'v1', title: '', path: `/visits/v1/${path}`, body, word: '', at: '2026-11-24T10:00:00Z', state: 'kept', ...more,
})

describe('the card without network', () => {
  it('shows what was ticked and has not arrived', () => {
    const [item] = withNotes(card, [entry('checks', { item: 'signs', done: true })]).checklist
    expect(item).toMatchObject({ done: true, at: '2026-11-24T10:00:00Z' })
  })

  it('counts a part anew, whatever its case, and takes it off at none', () => {
    const more = withNotes(card, [entry('parts', { name: 'joint', quantity: 3 }), entry('parts', { name: 'Manchon', quantity: 1 })])
    expect(more.parts.map((part) => [part.name, part.quantity])).toEqual([['Joint', 3], ['Manchon', 1]])
    expect(withNotes(card, [entry('parts', { name: 'Joint', quantity: 0 })]).parts).toEqual([])
  })

  it('leaves alone what was refused, sent, or said of another visit', () => {
    const others = [
      entry('checks', { item: 'signs', done: true }, { state: 'refused' }),
      entry('checks', { item: 'signs', done: true }, { visitId: 'v2' }),
    ]
    expect(withNotes(card, others)).toEqual(card)
  })
})
