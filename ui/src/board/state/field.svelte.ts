/** What crews ask from the field and who works alone: live, kept by key beside the board's tables. */
import type { Change } from '../../lib/live'
import type { HelpState, LoneState, QuestionState } from '../../lib/types'

interface Kinds { help: HelpState; question: QuestionState; lone: LoneState }
type Tables = { [K in keyof Kinds]: Map<string, Kinds[K]> }

const empty = (): Tables => ({ help: new Map(), question: new Map(), lone: new Map() })

class Field {
  #tables = $state.raw<Tables>(empty())

  /** Calls for help that nobody has seen, the oldest first. */
  calls = $derived([...this.#tables.help.values()].sort((a, b) => a.asked_at.localeCompare(b.asked_at)))
  questions = $derived([...this.#tables.question.values()].sort((a, b) => a.asked_at.localeCompare(b.asked_at)))
  lone = $derived([...this.#tables.lone.values()])
  alarms = $derived(this.lone.filter((one) => one.state === 'alarmed'))
  /** Questions that no expert has answered in time: the desk is asked itself. */
  stranded = $derived(this.questions.filter((one) => one.state === 'open' && one.level >= 3))

  callsOf(incidentId: string): HelpState[] {
    return this.calls.filter((one) => one.incident_id === incidentId)
  }
  callsOfVisit(visitId: string): HelpState[] {
    return this.calls.filter((one) => one.visit_id === visitId)
  }

  replace(): void {
    this.#tables = empty()
  }

  hear(changes: readonly Change[]): void {
    let next: Tables | null = null
    for (const { key, ver, data } of changes) {
      const [kind = '', id = ''] = key.split(':')
      if (!(kind in this.#tables)) continue
      next ??= { help: new Map(this.#tables.help), question: new Map(this.#tables.question), lone: new Map(this.#tables.lone) }
      const table = next[kind as keyof Tables] as Map<string, { ver: number }>
      if (data === null) table.delete(id)
      else if ((table.get(id)?.ver ?? -1) <= ver) table.set(id, data as { ver: number })
    }
    if (next) this.#tables = next
  }
}

export const field = new Field()
