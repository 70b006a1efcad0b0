/** What the paging page is made of, and how its figures and hours are written. */
import { hasMessage, t } from '../lib/i18n.svelte'
import type { OnCallAlert, OnCallState, PagingPolicy, PostRule } from '../lib/types'

export const VIEWS = ['calls', 'outs', 'log', 'notes', 'rules'] as const
export type View = (typeof VIEWS)[number]

export function viewOf(hash: string): View {
  const name = hash.slice(1)
  return VIEWS.find((one) => one === name) ?? 'calls'
}

export interface Rung { rung: number; posts: PostRule[]; waits: number }

/** The ladder as it is climbed: rungs in order, each with its posts and the minutes it has. */
export function rungsOf(steps: readonly PostRule[], policy: Pick<PagingPolicy, 'wait_min'>): Rung[] {
  const numbers = [...new Set(steps.map((one) => one.rung))].sort((a, b) => a - b)
  return numbers.map((rung, index) => {
    const posts = steps.filter((one) => one.rung === rung)
    const own = posts.flatMap((one) => (one.wait_min ? [one.wait_min] : []))
    const waits = policy.wait_min ?? [6]
    return { rung, posts, waits: own.length > 0 ? Math.max(...own) : waits[Math.min(index, waits.length - 1)]! }
  })
}

export type Fault = 'channels' | 'wait' | 'again' | 'tries' | 'rest' | 'rung' | 'quiet' | 'own' | 'never'

/** What the service would refuse, or what would page nobody, told while it is typed. */
export function faultsOf(policy: PagingPolicy, steps: readonly PostRule[]): Fault[] {
  const whole = (value: unknown, least: number, most: number): boolean => Number.isInteger(value) && (value as number) >= least && (value as number) <= most
  const found: Fault[] = []
  if ((policy.channels ?? []).length === 0) found.push('channels')
  const waits = [...(policy.wait_min ?? []), ...steps.flatMap((one) => (one.wait_min === null || one.wait_min === undefined ? [] : [one.wait_min]))]
  if (waits.length === 0 || !waits.every((one) => whole(one, 1, 240))) found.push('wait')
  if (!whole(policy.again_min, 1, 240)) found.push('again')
  if (!whole(policy.tries, 1, 5)) found.push('tries')
  if (!whole(policy.rest_h, 7, 24)) found.push('rest')
  if (!steps.every((one) => whole(one.rung, 1, 9))) found.push('rung')
  if (!policy.quiet_from || !policy.quiet_until) found.push('quiet')
  const own = [...steps, ...(policy.class_rules ?? [])]
  const isHalf = own.some((one) => !one.quiet_from !== !one.quiet_until)
  const isOff = own.some((one) => one.tries != null && !whole(one.tries, 1, 5)) || (policy.class_rules ?? []).some((one) => one.again_min != null && !whole(one.again_min, 1, 240))
  if (isHalf || isOff) found.push('own')
  if ((policy.classes ?? []).length + (policy.always ?? []).length === 0) found.push('never')
  return found
}

/** A service in the reader's language; one that no dictionary knows keeps its code. */
export const serviceName = (code: string): string => (hasMessage(`paging.service.${code}`) ? t(`paging.service.${code}`) : code.replaceAll('_', ' '))

export interface PostNow { post: string; place: number; now: OnCallState['now']; next: OnCallState['next'] }

/** Each post in the order of the service, with who holds it and who comes next; posts nobody holds stay in sight. */
export function postsNow(state: OnCallState, posts: readonly string[]): PostNow[] {
  const told = [...state.now, ...state.next].map((one) => one.post)
  return [...new Set([...posts, ...told])].map((post, place) => ({
    post,
    place,
    now: state.now.filter((one) => one.post === post),
    next: state.next.filter((one) => one.post === post),
  }))
}

/** A post or a page that nobody has now; the rest is a rule broken, or soon. */
export const isJeopardy = (alert: OnCallAlert): boolean => ['page_unanswered', 'page_lost', 'no_channel'].includes(alert.code) || (alert.code === 'gap' && !alert.start_at)
