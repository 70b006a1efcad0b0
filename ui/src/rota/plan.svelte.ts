/** The rota on screen: the one in force, or a draft compared with it; and who is on call now. */
import { ApiError, get, post } from '../lib/api'
import { explainError } from '../lib/errors'
import { t } from '../lib/i18n.svelte'
import { showToast } from '../lib/toast.svelte'
import type { Item, OnCallState, RotaView } from '../lib/types'
import { onCall } from '../oncall/live.svelte'
import { changed, coverage, sections, type Duty } from './table'

class Plan {
  rota = $state.raw<RotaView | null>(null)
  /** The version in force when the one on screen is a draft. */
  inForce = $state.raw<RotaView | null>(null)
  /** Another version that the one on screen is compared with, when the planner chose one. */
  against = $state.raw<RotaView | null>(null)
  /** An empty cell that was asked about: why not this person in this week? */
  asked = $state.raw<{ person: string; week: string } | null>(null)
  oncall = $state.raw<OnCallState | null>(null)
  isLoaded = $state(false)
  problem = $state<string | null>(null)
  isGenerating = $state(false)
  selected = $state.raw<Duty | null>(null)

  before = $derived(this.against ?? this.inForce)
  isDraft = $derived(this.rota?.state === 'draft')
  sections = $derived(this.rota ? sections(this.rota, this.before) : [])
  coverage = $derived(this.rota ? coverage(this.rota) : [])
  changed = $derived(this.rota ? changed(this.rota, this.before) : 0)
  broken = $derived(this.rota?.rules.filter((rule) => !rule.satisfied) ?? [])

  /** Who is on call has changed: somebody published, or a turn began. A draft in hand is never taken away. */
  hear(changes: readonly Item[], isFresh = false): void {
    if (isFresh) onCall.replace(changes)
    else onCall.hear(changes)
    const told = changes.find((change) => change.key === 'oncall')
    if (!told?.data) return
    const isNews = this.oncall !== null && told.ver > this.oncall.ver
    this.oncall = told.data as OnCallState
    if (isNews && !this.isDraft && !this.isGenerating) void this.load()
  }

  async load(): Promise<void> {
    try {
      this.oncall ??= await get<OnCallState>('/oncall/now')
      this.rota = await get<RotaView>('/rotas/current')
      this.inForce = null
      this.problem = null
    } catch (error) {
      // 404: no rota was ever made. The page then offers to make one.
      if (!(error instanceof ApiError && error.status === 404)) this.problem = explainError(error)
    }
    this.isLoaded = true
  }

  /** The rota on screen again, as it is now on the server. */
  async reread(): Promise<void> {
    if (!this.rota) return
    try {
      this.rota = await get<RotaView>(`/rotas/${this.rota.id}`)
      this.selected = null
    } catch (error) {
      showToast({ text: explainError(error), kind: 'problem' })
    }
  }

  /** A draft beside the rota in force: nothing changes for anybody until it is published. */
  async generate(weeks: number, effort = 1): Promise<void> {
    if (this.isGenerating) return
    this.isGenerating = true
    try {
      const draft = await post<RotaView>('/rotas/generate', { weeks, effort, publish: false })
      if (this.rota && !this.isDraft) this.inForce = this.rota
      this.rota = draft
      this.against = null
      this.selected = null
      this.problem = null
    } catch (error) {
      showToast({ text: explainError(error), kind: 'problem' })
    } finally {
      this.isGenerating = false
    }
  }

  async publish(): Promise<void> {
    if (!this.rota) return
    try {
      this.rota = await post<RotaView>(`/rotas/${this.rota.id}/publish`)
      this.inForce = null
      showToast({ text: t('rota.published', { version: String(this.rota.version) }) })
    } catch (error) {
      showToast({ text: explainError(error), kind: 'problem' })
    }
  }

  /** Another version beside the one on screen; null ends the comparison. */
  async compare(id: string | null): Promise<void> {
    if (!id) { this.against = null; return }
    try {
      this.against = await get<RotaView>(`/rotas/${id}`)
    } catch (error) {
      showToast({ text: explainError(error), kind: 'problem' })
    }
  }

  /** Back to the version in force; the draft stays on the server. */
  drop(): void {
    if (this.inForce) this.rota = this.inForce
    this.inForce = null
    this.selected = null
  }
}

export const plan = new Plan()
