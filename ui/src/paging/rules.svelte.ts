/** The paging policy in hand: what is in force, what is being changed, and what is wrong with it. */
import { ApiError, get, put } from '../lib/api'
import { explainError } from '../lib/errors'
import { t } from '../lib/i18n.svelte'
import { showToast } from '../lib/toast.svelte'
import type { ClassRule, LadderChoices, PagingPolicy, PagingVersion, PostRule } from '../lib/types'
import { faultsOf } from './words'

type List = 'classes' | 'always' | 'quiet_classes' | 'channels'

class Rules {
  policy = $state<PagingPolicy | null>(null)
  steps = $state<PostRule[]>([])
  versions = $state.raw<PagingVersion[]>([])
  /** Somebody else changed it: what is typed stays until the reader decides. */
  isStale = $state(false)
  problem = $state<string | null>(null)
  isSaving = $state(false)
  private saved = $state('')
  private imported = $state.raw<readonly PostRule[]>([])

  faults = $derived(this.policy ? faultsOf(this.policy, this.steps) : [])
  isChanged = $derived(this.policy !== null && JSON.stringify([this.policy, this.steps]) !== this.saved)

  async load(): Promise<void> {
    try {
      const [policy, ladder, versions] = await Promise.all([get<PagingPolicy>('/paging/policy'), get<LadderChoices>('/paging/ladder'), get<PagingVersion[]>('/paging/policy/history')])
      this.policy = { ...onClock(policy), class_rules: (policy.class_rules ?? []).map(onClock) }
      this.steps = ladder.steps.map(onClock)
      this.imported = ladder.steps.map(onClock)
      this.versions = versions
      this.saved = JSON.stringify([this.policy, this.steps])
      this.isStale = false
      this.problem = null
    } catch (error) {
      this.problem = explainError(error)
    }
  }

  toggle(list: List, value: string): void {
    if (!this.policy) return
    const now = (this.policy[list] ?? []) as string[]
    const next = now.includes(value) ? now.filter((one) => one !== value) : [...now, value].sort()
    this.policy = { ...this.policy, [list]: next }
  }

  has(list: List, value: string): boolean {
    return ((this.policy?.[list] ?? []) as string[]).includes(value)
  }

  /** How a class differs from the others; nothing set when it does not. */
  classRule(name: ClassRule['name']): ClassRule {
    return this.policy?.class_rules?.find((one) => one.name === name) ?? { name }
  }

  setClass(name: ClassRule['name'], change: Partial<ClassRule>): void {
    if (!this.policy) return
    const next = { ...this.classRule(name), ...change }
    const others = (this.policy.class_rules ?? []).filter((one) => one.name !== name)
    const isOwn = next.quiet_from || next.quiet_until || next.tries != null || next.again_min != null
    this.policy = { ...this.policy, class_rules: isOwn ? [...others, next].sort((a, b) => a.name.localeCompare(b.name)) : others }
  }

  /** Only posts that differ from what stood there, or were changed before, are written. */
  private posts(): PostRule[] {
    const known = new Set((this.policy?.posts ?? []).map((one) => one.code))
    const was = new Map(this.imported.map((one) => [one.code, JSON.stringify(one)]))
    return this.steps.filter((one) => known.has(one.code) || was.get(one.code) !== JSON.stringify(one))
  }

  async save(): Promise<void> {
    if (!this.policy || this.isSaving || this.faults.some((fault) => fault !== 'never')) return
    this.isSaving = true
    try {
      await put('/paging/policy', { ...this.policy, posts: this.posts() })
      await this.load()
      showToast({ text: t('paging.rules.saved') })
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) this.isStale = true
      else this.problem = explainError(error)
    } finally {
      this.isSaving = false
    }
  }
}

/** Hours travel with seconds; fields of a clock do not. */
function onClock<T extends { quiet_from?: string | null; quiet_until?: string | null }>(rule: T): T {
  return { ...rule, quiet_from: rule.quiet_from?.slice(0, 5) ?? null, quiet_until: rule.quiet_until?.slice(0, 5) ?? null }
}

export const rules = new Rules()
