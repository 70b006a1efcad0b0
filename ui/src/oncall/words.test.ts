import { beforeAll, describe, expect, it } from 'vitest'
import { extendMessages } from '../lib/i18n.svelte'
import type { PageState } from '../lib/types'
import en from '../locales/oncall.en.json'
import fr from '../locales/oncall.fr.json'
import { onCall } from './live.svelte'
import { alertWords, pageWords } from './words'

beforeAll(() => extendMessages({ fr, en }))

const page = (id: string, change: Partial<PageState> = {}): PageState => ({
  kind: 'page', id, ver: 1, incident_id: 'i', ref: '2026-00001', title: 'Fuite', place: 'Tulle', priority: 'P1', state: 'open',
  opened_at: '2026-11-24T20:00:00Z', rung: 1, rungs: 2, round: 1, called: [], next_at: '2026-11-24T20:06:00Z',
  unanswered_at: null, acknowledged_by: null, ended_at: null, ended_why: null, simulated: false, ...change,
})

describe('what is said of on-call', () => {
  it('says who was called and when the next call goes out', () => {
    const called = [{ person: 'Sophie Mazière', post: 'T', rung: 1, at: '2026-11-24T20:00:00Z' }]
    expect(pageWords(page('a', { called }))).toBe('Sophie Mazière : appel à 21:00. Prochain appel à 21:06.')
  })

  it('tells a gap with its post and hours', () => {
    const gap = { code: 'gap' as const, post: 'decision', person: null, ref: null, start_at: '2026-11-30T07:00:00Z', until: '2026-12-07T07:00:00Z', count: 1 }
    expect(alertWords(gap, () => 'Décision')).toBe('Décision : il manque 1 personne, de lun. 30 nov. 08:00 à lun. 7 déc. 08:00.')
  })

  it('keeps open pages first, and forgets those that ended', () => {
    onCall.replace([
      { key: 'page:a', ver: 1, data: page('a', { state: 'acknowledged' }) },
      { key: 'page:b', ver: 1, data: page('b') },
    ])
    expect(onCall.list.map((one) => one.id)).toEqual(['b', 'a'])
    onCall.hear([{ key: 'page:b', ver: 2, data: null }])
    expect(onCall.list.map((one) => one.id)).toEqual(['a'])
  })
})
