/** The rules in force, a draft of others, and who a draft would name. Nothing counts until it is adopted. */
import { get, post, request } from '../lib/api'
import { explainError } from '../lib/errors'
import { t } from '../lib/i18n.svelte'
import { recall, remember } from '../lib/storage'
import { showToast } from '../lib/toast.svelte'
import type { RoadClass, Rules, RulesCheck, RulesTry, RulesVersion } from '../lib/types'

const PAUSE_MS = 250

interface Question { place: string; category: string; at: string; road: RoadClass | ''; inTown: '' | 'yes' | 'no' }

class RulesDraft {
  inForce = $state.raw<Rules | null>(null)
  versions = $state.raw<RulesVersion[]>([])
  text = $state('')
  check = $state.raw<RulesCheck | null>(null)
  question = $state<Question>({ place: '', category: '', at: '', road: '', inTown: '' })
  answer = $state.raw<RulesTry | null>(null)
  problem = $state<string | null>(null)
  busy = $state(false)
  #timer: ReturnType<typeof setTimeout> | undefined

  isChanged = $derived(this.inForce !== null && this.text !== this.inForce.text)
  refusals = $derived((this.check?.problems ?? []).filter((one) => one.refuses).length)

  async load(): Promise<void> {
    try {
      const [inForce, versions] = await Promise.all([get<Rules>('/competence/rules'), get<RulesVersion[]>('/competence/rules/versions')])
      Object.assign(this, { inForce, versions, problem: null })
      // What was typed here and not adopted is not lost with the page.
      const kept = recall<{ version: number; text: string } | null>('rules', null)
      this.change(kept?.version === inForce.version ? kept.text : inForce.text, 0)
    } catch (error) {
      this.problem = explainError(error)
    }
  }

  change(text: string, wait = PAUSE_MS): void {
    this.text = text
    // What was answered was about other rules.
    this.answer = null
    if (this.inForce) remember('rules', this.isChanged ? { version: this.inForce.version, text } : null)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#ask(), wait)
  }

  reset(): void {
    if (this.inForce) this.change(this.inForce.text, 0)
  }

  async #ask(): Promise<void> {
    const { text } = this
    try {
      const found = await post<RulesCheck>('/competence/check', { text })
      if (text === this.text) this.check = found
    } catch (error) {
      showToast({ kind: 'problem', text: explainError(error) })
    }
  }

  async tryOn(): Promise<void> {
    const { place, category, at, road, inTown } = this.question
    await this.#attempt(async () => {
      this.answer = await post<RulesTry>('/competence/try', {
        text: this.text,
        category,
        place,
        ...(at && { at: new Date(at).toISOString() }),
        ...(road && { road }),
        ...(inTown && { in_town: inTown === 'yes' }),
      })
    })
  }

  async adopt(note: string): Promise<void> {
    await this.#attempt(async () => {
      const made = (await request<Rules>('PUT', '/competence/rules', { text: this.text, note, replaces: this.inForce!.version })).data
      remember('rules', null)
      showToast({ text: t('rules.adopted', { v: String(made.version) }) })
      await this.load()
    })
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    if (this.busy) return
    this.busy = true
    try {
      await work()
    } catch (error) {
      showToast({ kind: 'problem', text: explainError(error) })
    } finally {
      this.busy = false
    }
  }
}

export const rules = new RulesDraft()
