/** The reply templates, the one that is open, and what its words would say. Nothing counts until it is kept. */
import { get, post, request } from '../lib/api'
import { explainError } from '../lib/errors'
import { t } from '../lib/i18n.svelte'
import { showToast } from '../lib/toast.svelte'
import type { IncidentStatus, ReplyCheck, ReplyTemplate, ReplyVersion } from '../lib/types'
import { codeFor } from './code'

const PAUSE_MS = 250

export interface Form {
  title_fr: string
  title_en: string
  text_fr: string
  text_en: string
  categories: string[]
  states: IncidentStatus[]
  closes: boolean
  active: boolean
  position: number
}

const NOTHING: Form = { title_fr: '', title_en: '', text_fr: '', text_en: '', categories: [], states: [], closes: false, active: true, position: 100 }

function formOf(one: Partial<ReplyTemplate>): Form {
  const names = Object.keys(NOTHING) as (keyof Form)[]
  return { ...NOTHING, ...Object.fromEntries(names.map((name) => [name, $state.snapshot(one[name]) ?? NOTHING[name]])) }
}

class Book {
  found = $state.raw<ReplyTemplate[]>([])
  words = $state('')
  category = $state('')
  status = $state('')
  inactive = $state(false)
  /** Null while a new one is written. */
  open = $state.raw<ReplyTemplate | null>(null)
  form = $state<Form | null>(null)
  check = $state.raw<ReplyCheck | null>(null)
  versions = $state.raw<ReplyVersion[]>([])
  skip = $state(0)
  problem = $state<string | null>(null)
  busy = $state(false)
  #kept = ''
  #timer: ReturnType<typeof setTimeout> | undefined
  #asked = 0

  isChanged = $derived(this.form !== null && JSON.stringify(this.form) !== this.#kept)
  refusals = $derived((this.check?.problems ?? []).filter((one) => one.code !== 'only_here'))

  async load(): Promise<void> {
    const query = new URLSearchParams()
    if (this.words.trim()) query.set('q', this.words.trim())
    if (this.category) query.set('category', this.category)
    if (this.status) query.set('state', this.status)
    if (this.inactive) query.set('inactive', 'true')
    const mine = ++this.#asked
    try {
      const found = await get<ReplyTemplate[]>(`/replies?${query}`)
      if (mine !== this.#asked) return
      this.found = found
      this.problem = null
      if (!this.form && found[0]) this.show(found[0])
    } catch (error) {
      this.problem = explainError(error)
    }
  }

  show(one: ReplyTemplate | null): void {
    this.open = one
    this.form = formOf(one ?? {})
    this.#kept = JSON.stringify(this.form)
    this.versions = []
    this.skip = 0
    this.ask(0)
    if (one) void this.#loadVersions(one.code)
  }

  /** Puts an earlier version into the form; it counts when it is kept. */
  take(version: ReplyVersion): void {
    this.form = formOf(version.body)
    this.ask(0)
  }

  reset(): void {
    if (this.form) this.show(this.open)
  }

  ask(wait = PAUSE_MS): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#check(), wait)
  }

  another(): void {
    this.skip += 1
    this.ask(0)
  }

  async keep(note: string): Promise<boolean> {
    if (!this.form || this.busy) return false
    this.busy = true
    try {
      const code = this.open?.code ?? codeFor(this.form.title_fr, this.found.map((one) => one.code))
      const body = { ...this.form, note, replaces: this.open?.version ?? 0 }
      const { data } = await request<ReplyTemplate>('PUT', `/replies/${code}`, body)
      showToast({ text: t('replies.kept', { v: String(data.version) }) })
      this.show(data)
      await this.load()
      return true
    } catch (error) {
      showToast({ kind: 'problem', text: explainError(error) })
      return false
    } finally {
      this.busy = false
    }
  }

  async #loadVersions(code: string): Promise<void> {
    try {
      const versions = await get<ReplyVersion[]>(`/replies/${code}/versions`)
      if (this.open?.code === code) this.versions = versions
    } catch {
      // Earlier versions are an addition: the editor does not wait for them.
    }
  }

  async #check(): Promise<void> {
    if (!this.form) return
    const { text_fr, text_en, categories } = $state.snapshot(this.form)
    try {
      const found = await post<ReplyCheck>('/replies/check', { text_fr, text_en, categories, skip: this.skip % 51 })
      if (this.form?.text_fr === text_fr && this.form.text_en === text_en) this.check = found
    } catch (error) {
      showToast({ kind: 'problem', text: explainError(error) })
    }
  }
}

export const book = new Book()
