import { describe, expect, it } from 'vitest'
import { browserName, keyBytes } from './push'

describe('web push', () => {
  it('reads our key as the browser wants it', () => {
    expect([...keyBytes('-_8B')]).toEqual([251, 255, 1])
  })

  it('names a device so that its owner knows it', () => {
    expect(browserName('Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36')).toBe('Chrome, Android')
    expect(browserName('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile Safari/604.1')).toBe('Safari, iOS')
    expect(browserName('Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0')).toBe('Firefox, Linux')
  })
})
