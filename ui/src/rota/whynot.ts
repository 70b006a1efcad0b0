/** Why somebody does not hold a turn, and what would make it possible, from the prices of every move of that turn. Pure. */
import type { TurnPrice } from '../lib/types'
import type { Duty } from './table'

export interface Answer { turn: Duty; give: TurnPrice | null; ways: TurnPrice[] }

const SHOWN = 3

/** The plain gift with the rules it breaks; then lawful ways for that person to hold it, the cheapest first, the gift before exchanges. */
export function answerOf(prices: readonly TurnPrice[], turn: Duty, person: string): Answer {
  const his = prices.filter((one) => one.handovers[0]?.to_id === person)
  const give = his.find((one) => one.handovers.length === 1) ?? null
  const lawful = his.filter((one) => one.lawful)
  const ways = lawful.sort((a, b) => a.handovers.length - b.handovers.length || a.cents - b.cents || a.wishes_broken - b.wishes_broken)
  return { turn, give, ways: ways.slice(0, SHOWN) }
}
