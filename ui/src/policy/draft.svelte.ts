/** The policy in force, a draft of another one, and what the draft would change. Nothing counts until it is adopted. */
import { get, post, request } from '../lib/api'
import { explainError } from '../lib/errors'
import { t } from '../lib/i18n.svelte'
import { showToast } from '../lib/toast.svelte'
import type { PolicyCheck, PolicyDraft, PolicyInForce, PolicyOverrides, PolicyReplay, PolicyVersion } from '../lib/types'
import { setNumber } from './toml'

const PAUSE_MS = 250

class Draft {
  inForce = $state.raw<PolicyInForce | null>(null)
  overrides = $state.raw<PolicyOverrides | null>(null)
  versions = $state.raw<PolicyVersion[]>([])
  text = $state('')
  check = $state.raw<PolicyCheck | null>(null)
  /** The last text that was a policy, as data: what the form shows. */
  body = $state.raw<Record<string, unknown> | null>(null)
  replay = $state.raw<PolicyReplay | null>(null)
  replayOf = $state<'ours' | 'file'>('ours')
  shared = $state.raw<PolicyDraft | null>(null)
  problem = $state<string | null>(null)
  busy = $state(false)
  #timer: ReturnType<typeof setTimeout> | undefined

  isChanged = $derived(this.inForce !== null && this.text !== this.inForce.text)

  async load(): Promise<void> {
    try {
      const [inForce, shared, overrides, versions] = await Promise.all([
        get<PolicyInForce>('/policy'),
        get<PolicyDraft>('/policy/draft'),
        get<PolicyOverrides>('/policy/overrides'),
        get<PolicyVersion[]>('/policy/versions'),
      ])
      Object.assign(this, { inForce, shared, overrides, versions, problem: null, replay: null, body: inForce.body })
      this.change(shared.text ?? inForce.text, 0)
    } catch (error) {
      this.problem = explainError(error)
    }
  }

  change(text: string, wait = PAUSE_MS): void {
    this.text = text
    // What a replay said was about another text.
    this.replay = null
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#ask(), wait)
  }

  setNumber(table: string, key: string, value: number): void {
    if (Number.isFinite(value)) this.change(setNumber(this.text, table, key, value))
  }

  reset(): void {
    if (this.inForce) this.change(this.inForce.text, 0)
  }

  async #ask(): Promise<void> {
    const { text } = this
    try {
      const found = await post<PolicyCheck>('/policy/check', { text })
      if (text !== this.text) return
      this.check = found
      if (found.body) this.body = found.body
    } catch (error) {
      showToast({ kind: 'problem', text: explainError(error) })
    }
  }

  async tryOnPast(csv: string | null): Promise<void> {
    await this.#attempt(async () => {
      this.replay = await post<PolicyReplay>('/policy/replay', { text: this.text, ...(csv !== null && { csv }) })
      this.replayOf = csv === null ? 'ours' : 'file'
    })
  }

  async save(): Promise<void> {
    await this.#attempt(async () => {
      this.shared = (await request<PolicyDraft>('PUT', '/policy/draft', { text: this.text })).data
      showToast({ text: t('policy.saved') })
    })
  }

  async adopt(note: string): Promise<void> {
    await this.#attempt(async () => {
      const made = await post<PolicyVersion>('/policy/adopt', { text: this.text, note, replaces: this.inForce!.version })
      showToast({ text: t('policy.adopted', { name: made.name, v: String(made.version) }) })
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

export const draft = new Draft()
