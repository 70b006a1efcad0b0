/** The questions that wait for an expert, live; their words come over HTTP, for live topics never hold any. */
import { get, post, put } from '../lib/api'
import { setClock } from '../lib/clock.svelte'
import { explainError } from '../lib/errors'
import { t } from '../lib/i18n.svelte'
import { Live, type Change, type LiveState } from '../lib/live'
import { goToLogin } from '../lib/session.svelte'
import { showToast } from '../lib/toast.svelte'
import type { ClockState, Experts, IncidentDetail, Question } from '../lib/types'

export interface Duty { domains: string[]; phone: string | null; until: string | null }

class ExpertDesk {
  waiting = $state.raw<Question[] | null>(null)
  settled = $state.raw<Question[]>([])
  experts = $state.raw<Experts | null>(null)
  selectedId = $state<string | null>(null)
  incident = $state.raw<IncidentDetail | null>(null)
  problem = $state<string | null>(null)
  connection = $state<LiveState>('reconnecting')
  selected = $derived([...(this.waiting ?? []), ...this.settled].find((one) => one.question.id === this.selectedId) ?? null)
  #known = new Set<string>()

  start(org: string): () => void {
    const live = new Live({ name: 'expertise', onRefused: goToLogin })
    const stops = [live.subscribe(`experts:${org}`, ({ changes }) => this.#hear(changes)), live.watch((state) => (this.connection = state)), live.start()]
    return () => stops.forEach((stop) => stop())
  }

  /** Everything is read again over HTTP; the clock comes by itself. */
  #hear(changes: readonly Change[]): void {
    const clock = changes.find((change) => change.key === 'clock')
    if (clock) setClock(clock.data as ClockState | null)
    if (changes.some((change) => change.key !== 'clock') || this.waiting === null) void this.load()
  }

  async load(): Promise<void> {
    try {
      const [waiting, settled, experts] = await Promise.all([get<Question[]>('/questions'), get<Question[]>('/questions?settled=true'), get<Experts>('/experts')])
      this.#announce(waiting)
      Object.assign(this, { waiting, settled, experts, problem: null })
      if (!this.selected) await this.select(waiting[0]?.question.id ?? null)
      else if (this.selected) await this.#read(this.selected)
    } catch (error) {
      this.problem = explainError(error)
    }
  }

  async select(id: string | null): Promise<void> {
    this.selectedId = id
    if (this.selected) await this.#read(this.selected)
    else this.incident = null
  }

  /** Does something to the selected question; true when it was done. */
  async act(verb: 'take' | 'answer' | 'no-trip' | 'escalate', body: object, said: string): Promise<boolean> {
    const question = this.selected
    if (!question) return false
    try {
      await post(`/questions/${question.question.id}/${verb}`, body)
      showToast({ text: said })
      await this.load()
      return true
    } catch (error) {
      showToast({ kind: 'problem', text: explainError(error) })
      await this.load()
      return false
    }
  }

  async setDuty(duty: Duty): Promise<void> {
    try {
      await put('/experts/me', duty)
      showToast({ text: t(duty.until ? 'expertise.did.on' : 'expertise.did.off') })
      await this.load()
    } catch (error) {
      showToast({ kind: 'problem', text: explainError(error) })
    }
  }

  async #read({ question }: Question): Promise<void> {
    const found = await get<IncidentDetail>(`/incidents/${question.incident_id}`)
    if (this.selected?.question.incident_id === found.id) this.incident = found
  }

  #announce(waiting: readonly Question[]): void {
    const isFirst = this.waiting === null
    for (const { question } of waiting) {
      if (!isFirst && !this.#known.has(question.id)) showToast({ kind: 'info', text: t('expertise.fresh', { title: question.title }) })
      this.#known.add(question.id)
    }
  }
}

export const desk = new ExpertDesk()
