/** Small values kept in this browser. Private windows and full disks throw: we then simply forget. */

export function recall<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(`cpo.${name}`)
    return text === null ? otherwise : (JSON.parse(text) as T)
  } catch {
    return otherwise
  }
}

export function remember(name: string, value: unknown): boolean {
  try {
    localStorage.setItem(`cpo.${name}`, JSON.stringify(value))
    return true
  } catch {
    return false
  }
}

export function forget(name: string): void {
  try {
    localStorage.removeItem(`cpo.${name}`)
  } catch {
    // Nothing was kept, so nothing is left to forget.
  }
}
