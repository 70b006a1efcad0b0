import { describe, expect, it } from 'vitest'
import type { VisitState, VisitStatus } from '../lib/types'
import { driveLink, nextState, route } from './steps'

const visit = (id: string, state: VisitStatus, position: number) => ({ id, state, position, start_at: null }) as VisitState
const place = { label: 'Pont & quai', commune: 'Tulle', insee: null, lat: 45.27, lon: 1.77 }

describe('the way through a visit', () => {
  it('leads from assigned to completed by one button', () => {
    const seen: VisitStatus[] = ['assigned']
    for (let next = nextState('assigned'); next; next = nextState(next)) seen.push(next)
    expect(seen).toEqual(['assigned', 'acknowledged', 'en_route', 'on_site', 'completed'])
  })

  it('resumes after a pause', () => {
    expect(nextState('paused')).toBe('on_site')
  })

  it('puts what has begun before the plan, and leaves out what is over', () => {
    const day = [visit('a', 'assigned', 0), visit('b', 'en_route', 3), visit('c', 'completed', 1), visit('d', 'notified', 2)]
    expect(route(day).map((one) => one.id)).toEqual(['b', 'a', 'd'])
  })
})

describe('the way there', () => {
  it('opens what the phone has', () => {
    expect(driveLink(place, 'Mozilla (Linux; Android 15)')).toBe('geo:45.27,1.77?q=45.27,1.77(Pont%20%26%20quai)')
    expect(driveLink(place, 'iPhone')).toContain('maps.apple.com')
  })

  it('is not offered without coordinates', () => {
    expect(driveLink({ ...place, lat: null }, 'Android')).toBeNull()
  })
})
