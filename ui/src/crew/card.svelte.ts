/**
 * What lies behind the day's visits: hazards, access, past visits, checklist, parts, experts' answers, on-call turns.
 * Read while there is network, kept for the valleys, and shown with what the crew has noted since.
 */
import { ApiError, get } from '../lib/api'
import { recall, remember } from '../lib/storage'
import type { CrewTurn, VisitCard, VisitState } from '../lib/types'
import { waiting, type Entry } from './outbox'

const KEEP = 12

interface Kept { cards: Record<string, VisitCard>; turns: CrewTurn[] }

export class Cards {
  cards = $state.raw<Record<string, VisitCard>>({})
  turns = $state.raw<CrewTurn[]>([])
  #read = new Map<string, number>()

  constructor(readonly crewId: string) {
    const kept = recall<Kept | null>(`cards.${crewId}`, null)
    if (kept) Object.assign(this, kept)
  }

  /** Reads the cards whose visits changed; without network the kept ones stay. */
  async follow(visits: readonly VisitState[], isForced = false): Promise<void> {
    try {
      for (const visit of visits.slice(0, KEEP)) {
        if (!isForced && this.#read.get(visit.id) === visit.ver && this.cards[visit.id]) continue
        const card = await get<VisitCard>(`/visits/${visit.id}/card`)
        this.#read.set(visit.id, visit.ver)
        const wanted = new Set(visits.map((one) => one.id))
        this.cards = Object.fromEntries([...Object.entries(this.cards).filter(([id]) => wanted.has(id)), [visit.id, card]])
      }
      this.#keep()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
    }
  }

  async loadTurns(): Promise<void> {
    try {
      this.turns = await get<CrewTurn[]>(`/crews/${this.crewId}/on-call`)
      this.#keep()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
    }
  }

  #keep(): void {
    remember(`cards.${this.crewId}`, { cards: this.cards, turns: this.turns } satisfies Kept)
  }
}

/** The card as it will be once everything kept has arrived. */
export function withNotes(card: VisitCard, entries: readonly Entry[]): VisitCard {
  const mine = waiting(entries).filter((entry) => entry.visitId === card.visit_id)
  let { checklist, parts } = card
  for (const { path, body, at } of mine) {
    if (path.endsWith('/checks')) {
      checklist = checklist.map((item) => (item.code === body.item ? { ...item, done: body.done === true, at, by: null } : item))
    } else if (path.endsWith('/parts')) {
      const name = String(body.name)
      const same = (part: { name: string }) => part.name.toLowerCase() === name.toLowerCase()
      const known = parts.find(same)
      const left = parts.filter((part) => !same(part))
      const quantity = Number(body.quantity)
      parts = quantity > 0 ? [...left, { name: known?.name ?? name, quantity, by: '', at }] : left
    }
  }
  return { ...card, checklist, parts: [...parts].sort((a, b) => a.name.localeCompare(b.name)) }
}
