import { describe, expect, it } from 'vitest'
import type { VisitState } from '../lib/types'
import { helpFor, helpOf, isWeighty } from './help'

const visit = { id: 'v1', state: 'on_site', brief: { title: 'Fuite' } } as VisitState

describe('help from the field', () => {
  it('offers before leaving only what makes sense then', () => {
    expect(helpFor('acknowledged')).toEqual(['expert'])
    expect(helpFor('en_route')).toEqual(['expert', 'second_crew', 'more_time'])
    expect(helpFor('paused')).toContain('made_safe')
  })

  it('says what the service takes', () => {
    const { path, body, to } = helpOf(visit, { need: 'more_time', minutes: 30 })
    expect([path, body, to]).toEqual(['/visits/v1/help', { need: 'more_time', minutes: 30 }, undefined])
  })

  it('shows the visit over at once when the crew leaves it', () => {
    expect(helpOf(visit, { need: 'made_safe' }).to).toBe('incomplete')
    expect(helpOf(visit, { need: 'part_missing', note: 'vanne' }).to).toBe('incomplete')
    expect(helpOf(visit, { need: 'part_missing', note: 'vanne', stays: true }).to).toBe('paused')
  })

  it('leaves a moment to take back what is heavy', () => {
    expect(isWeighty({ need: 'second_crew' })).toBe(true)
    expect(isWeighty({ need: 'part_missing', stays: true })).toBe(false)
    expect(isWeighty({ need: 'more_time', minutes: 15 })).toBe(false)
  })
})
