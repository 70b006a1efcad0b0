/** Keeps the screen lit while the wall is shown. The lock goes with every hidden moment, and is taken again. */

class Awake {
  /** Null until known; false where the browser has no such lock or refuses it. */
  isHeld = $state<boolean | null>(null)

  start(): () => void {
    let lock: WakeLockSentinel | null = null
    let gone = false
    const take = async (): Promise<void> => {
      if (document.visibilityState !== 'visible' || gone) return
      try {
        lock = await navigator.wakeLock.request('screen')
        this.isHeld = true
        lock.addEventListener('release', () => (this.isHeld = false))
      } catch {
        this.isHeld = false
      }
    }
    const seen = (): void => void take()
    document.addEventListener('visibilitychange', seen)
    void take()
    return () => {
      gone = true
      document.removeEventListener('visibilitychange', seen)
      void lock?.release()
    }
  }
}

export const awake = new Awake()
