/** Builders of items for tests: everything ordinary, each test says what is not. */
import type { CrewState, IncidentState, VisitState } from '../../lib/types'

export const NOON = Date.parse('2026-11-24T11:00:00Z')
export const at = (minutes: number): string => new Date(NOON + minutes * 60_000).toISOString()

export function anIncident(part: Partial<IncidentState> = {}): IncidentState {
  return {
    kind: 'incident', id: 'i1', ref: '2026-00001', ver: 1, state: 'triaged', category: 'water_leak_road', service: 'drinking_water',
    title: 'Fuite', place: { label: 'rue Carnot', commune: 'Tulle', insee: '19272', lat: 45.27, lon: 1.77 }, priority: 'P3', score: 40,
    severity: 20, urgency: 20, overridden: false, reasons: [], reported_at: at(-30), updated_at: at(-30), respond_by: at(60),
    restore_by: null, asks: 0, reports: 1, channels: ['phone'], acknowledged_by: null, hold_reason: null, merged_into: null, needs_expert: false, simulated: false,
    progress: { step: 'received', window_from: null, window_to: null, stamps: {} }, ...part,
  }
}

export function aVisit(part: Partial<VisitState> = {}): VisitState {
  const { ref, title, category, service, priority, place } = anIncident()
  return {
    kind: 'visit', id: 'v1', ver: 1, incident_id: 'i1', work_order_id: 'w1', crew_id: 'c1', state: 'assigned', position: 0,
    depart_at: at(10), start_at: at(20), end_at: at(80), travel_s: 600, travel_base_s: 600, travel_source: 'great_circle', distance_m: 9000, duration_s: 3600, pin: null, stamps: {},
    due_at: at(60), archived: false, flags: [], simulated: false, brief: { ref, title, category, service, priority, place, notes: null }, ...part,
  }
}

export function aCrew(part: Partial<CrewState> = {}): CrewState {
  return {
    kind: 'crew', id: 'c1', ver: 1, name: 'Tulle 1', sector: 'Tulle', depot: { name: 'Tulle', lat: 45.27, lon: 1.77 }, skills: [],
    vehicle: null, members: 2, shift: { start_at: at(-240), end_at: at(240), breaks: [] }, state: 'available', position: null, ...part,
  }
}
