/**
 * The shapes that travel between the service and the pages. Instants are ISO 8601 UTC strings; ids are UUID strings;
 * durations are seconds (`_s`), distances metres (`_m`).
 */

export type Role = 'observer' | 'crew' | 'expert' | 'operator' | 'dispatcher' | 'oncall_manager' | 'admin'
export type Priority = 'P1' | 'P2' | 'P3' | 'P4'
export type IncidentStatus =
  | 'received' | 'triaged' | 'in_progress' | 'stabilised' | 'resolved' | 'closed'
  | 'answered' | 'on_hold' | 'transferred' | 'merged' | 'cancelled' | 'reopened'
export type VisitStatus =
  | 'proposed' | 'assigned' | 'notified' | 'acknowledged' | 'en_route' | 'on_site'
  | 'paused' | 'completed' | 'incomplete' | 'refused' | 'reassigned' | 'cancelled'
export type CrewStatus = 'off' | 'available' | 'en_route' | 'on_site' | 'paused'
export type Step =
  | 'received' | 'examined' | 'planned' | 'en_route' | 'on_site' | 'done'
  | 'closed' | 'answered' | 'transferred' | 'cancelled'

export interface User { id: string; name: string; username: string; role: Role; crew_id: string | null; locale: 'fr' | 'en' }
export interface Session { user: User; org: { slug: string; name: string }; demo: boolean; wall_at: string }

/** Evidence for a sentence: numbers carry their unit in the name (`distance_m`, `waited_min`). */
export type Params = Record<string, string | number | boolean | null>

export interface Place { label: string | null; commune: string | null; insee: string | null; lat: number | null; lon: number | null }
export interface Reason { rule: string; axis: 'severity' | 'urgency'; points: number; params: Params }
export interface Progress { step: Step; window_from: string | null; window_to: string | null; stamps: Partial<Record<Step, string>> }

export interface IncidentState {
  id: string; ref: string; ver: number; state: IncidentStatus
  category: string; service: string; title: string; place: Place
  priority: Priority; score: number; severity: number; urgency: number; overridden: boolean; reasons: Reason[]
  reported_at: string; updated_at: string; respond_by: string | null; restore_by: string | null
  reports: number; channels: string[]; acknowledged_by: string | null; hold_reason: string | null
  merged_into: string | null; simulated: boolean; progress: Progress
}

export interface VisitBrief { ref: string; title: string; category: string; service: string; priority: Priority; place: Place; notes: string | null }
export interface VisitState {
  id: string; ver: number; incident_id: string; work_order_id: string; crew_id: string; state: VisitStatus
  position: number; depart_at: string | null; start_at: string | null; end_at: string | null
  travel_s: number; distance_m: number; duration_s: number; pin: 'crew' | 'time' | null
  stamps: Partial<Record<'notified' | 'acknowledged' | 'en_route' | 'on_site' | 'paused' | 'completed', string>>
  due_at: string | null; flags: string[]; simulated: boolean; brief: VisitBrief
}

export interface CrewPosition { lat: number; lon: number; at: string; source: 'depot' | 'crew' | 'simulated' }
export interface CrewState {
  id: string; ver: number; name: string; sector: string; depot: { name: string; lat: number; lon: number }
  skills: string[]; vehicle: string | null; members: number; shift: { start_at: string; end_at: string } | null
  state: CrewStatus; position: CrewPosition | null
}

export interface PlannedSlot { crew_id: string; crew: string; start_at: string | null }
export interface ProposalLine {
  visit_id: string; incident_id: string; ref: string; title: string; priority: Priority
  from: PlannedSlot | null; to: PlannedSlot | null
}
export interface ProposalState {
  id: string; ver: number; state: 'open' | 'accepted' | 'rejected' | 'stale'; plan_version: number
  created_at: string
  summary: { crews_changed: number; arrivals_moved: number; citizens_to_tell: number; km_delta: number; cost_delta_min: number }
  lines: ProposalLine[]; solver: { name: string; elapsed_ms: number }
}
export interface PlanState { ver: number; version: number; frozen_until: string | null; degraded: string | null }
export interface OnCallDutyNow { post: string; label: string; person: string; phone_masked?: string | null; until: string }
export interface OnCallDutyNext { post: string; label: string; person: string; starts_at: string }
export interface OnCallState { ver: number; service_hours: boolean; now: OnCallDutyNow[]; next: OnCallDutyNext[] }
export interface ClockState { ver: number; at: string; wall_at: string; rate: number; paused: boolean; simulated: boolean }

export interface Assessment { priority: Priority; score: number; severity: number; urgency: number; reasons: Reason[] }
export interface ReportSummary { id: string; channel: string; text: string; at: string; contact_known: boolean }
export interface HistoryEntry { at: string; type: string; actor: string | null; params: Params }
export interface Counterfactual { change: string; priority: Priority; score: number; params: Params }
export interface Note { id: string; author: string; text: string; at: string }
export interface IncidentDetail extends IncidentState {
  description: string; report_list: ReportSummary[]; notes: Note[]
  history: HistoryEntry[]; counterfactuals: Counterfactual[]; policy: { name: string; version: number }
}

export interface Offer {
  rank: number; crew_id: string; crew: string; position: number
  depart_at: string; arrive_at: string; start_at: string; end_at: string
  detour_s: number; detour_m: number; margin_s: number | null; cost_min: number
  terms: { name: string; minutes: number }[]
  bumped: { visit_id: string; title: string; /** null: it leaves the plan */ delay_s: number | null }[]; flags: string[]
}
export interface Refusal { crew_id: string; crew: string; reason: string; params: Params }
export interface Offers { plan_version: number; elapsed_ms: number; compared: number; offers: Offer[]; refusals: Refusal[] }

export interface PreviewDuplicate { incident_id: string; ref: string; title: string; distance_m: number | null; age_s: number; likeness: number }
export interface Preview {
  category: { code: string; confidence: number } | null
  candidates: { code: string; confidence: number }[]
  place: (Place & { confidence: number }) | null
  danger: { kind: string; word: string; start: number; end: number }[]
  spans: { start: number; end: number; kind: 'category' | 'place' | 'danger' }[]
  assessment: Assessment | null
  duplicates: PreviewDuplicate[]
}
export interface ReportIn {
  text: string; category?: string
  place?: { lat?: number; lon?: number; insee?: string; address?: string }
  contact?: { name?: string; phone?: string; email?: string }; channel?: 'web' | 'phone'
}
export interface ReportReceipt {
  reference: string; tracking_url: string
  incident: { id: string; ref: string; state: IncidentStatus; priority: Priority; score: number; joined: boolean } | null
}

export interface Category { code: string; service: string; label_fr: string; label_en: string }
export interface Simulation { rate: number; paused: boolean; at: string; storm: boolean; seed: number; incidents: number }

export interface Item { key: string; ver: number; data: unknown }

export interface RotaView {
  id: string; name: string; version: number; state: string
  weeks: { iso: string; start: string; end: string; holidays: string[] }[]
  posts: { code: string; label: string; letter: string; need: number }[]
  people: { id: string; name: string; post_codes: string[]; absences: { start: string; end: string; kind: string }[] }[]
  duties: { id: string; post: string; person_id: string; week_iso: string; start_at: string; end_at: string }[]
  counters: { person_id: string; weeks: number; weekends: number; nights: number; holidays: number; deviation: number }[]
  rules: { name: string; hard: boolean; source: string; link: string | null; satisfied: boolean; detail: string | null }[]
  solver: { status: string; elapsed_ms: number; bound: number | null; objective: number | null }
}
