/** Who is at this desk? Pages that need somebody call `requireSession` before they draw anything. */
import { ApiError, get, post } from './api'
import { setServerTime } from './clock.svelte'
import { forget, recall, remember } from './storage'
import type { Role, Session, User } from './types'

const RANK: Role[] = ['council', 'observer', 'crew', 'expert', 'operator', 'dispatcher', 'oncall_manager', 'admin']

let session = $state.raw<Session | null>(null)

export function currentSession(): Session | null {
  return session
}

export function currentUser(): User | null {
  return session?.user ?? null
}

export function hasRole(least: Role): boolean {
  const role = session?.user.role
  return role !== undefined && RANK.indexOf(role) >= RANK.indexOf(least)
}

/** Whether this person may change what pilots the model: policy, rules of competence, reply templates. */
export function mayPilot(): boolean {
  return session?.user.role === 'council' || hasRole('admin')
}

/** The session, or a move to the login page. Without network the last known session is used, so that a crew's
 *  phone still opens in a valley; the server judges every request anyway. */
export async function requireSession(): Promise<Session | null> {
  try {
    session = await get<Session>('/auth/me')
    setServerTime(session.wall_at)
    remember('session', session)
    return session
  } catch (error) {
    if (error instanceof ApiError && error.isTransient) {
      session = recall<Session | null>('session', null)
      if (session) return session
    }
    goToLogin()
    return null
  }
}

export function goToLogin(): void {
  const here = location.pathname + location.search
  location.assign(`/connexion?next=${encodeURIComponent(here)}`)
}

export async function logOut(): Promise<void> {
  forget('session')
  try {
    await post('/auth/logout')
  } finally {
    location.assign('/connexion')
  }
}
