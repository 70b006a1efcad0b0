/**
 * The shapes that travel between the service and the pages, by the names this code uses. All come from the service's
 * own description (`npm run types`): nothing is written twice. Instants are ISO 8601 UTC strings; ids are UUID strings;
 * durations are seconds (`_s`), distances metres (`_m`).
 */
import type { components } from './api.gen'

type Schemas = components['schemas']

export type Role = Schemas['Role']
export type IncidentStatus = Schemas['IncidentStatus']
export type VisitStatus = Schemas['VisitStatus']
export type Priority = IncidentState['priority']
export type CrewStatus = CrewState['state']
export type Step = Progress['step']
/** Evidence for a sentence: numbers carry their unit in the name (`distance_m`, `waited_min`). */
export type Params = Record<string, unknown>

export type User = Schemas['UserOut']
export type Session = Schemas['MeOut']

export type Place = Schemas['PlaceState']
export type Reason = Schemas['ReasonState']
export type Progress = Schemas['ProgressState']
export type IncidentState = Schemas['IncidentState']
export type VisitBrief = Schemas['BriefState']
export type VisitState = Schemas['VisitState']
export type CrewPosition = Schemas['PositionState']
export type CrewState = Schemas['CrewState']
export type PlannedSlot = Schemas['ProposalEnd']
export type ProposalLine = Schemas['ProposalLine']
export type ProposalState = Schemas['ProposalState']
export type PlanState = Schemas['PlanState']
export type OnCallDutyNow = Schemas['OnCallNow']
export type OnCallDutyNext = Schemas['OnCallNext']
export type OnCallState = Schemas['OnCallState']
export type ClockState = Schemas['ClockState']

export type Assessment = Schemas['AssessmentOut']
export type ReportSummary = Schemas['dispatcher__incidents__schemas__ReportOut']
export type HistoryEntry = Schemas['HistoryEntry']
export type Counterfactual = Schemas['Counterfactual']
export type Note = Schemas['NoteOut']
export type IncidentDetail = Schemas['IncidentDetail']

export type Offer = Schemas['OfferOut']
export type Term = Schemas['TermOut']
export type Refusal = Schemas['RefusalOut']
export type Offers = Schemas['OffersOut']
export type Move = Schemas['MoveOut']
export type MovePlace = Schemas['MovePlaceOut']
export type MovePrice = Schemas['PriceOut']
export type CrewMoves = Schemas['CrewMovesOut']
export type Moves = Schemas['MovesOut']
export type Tuning = Schemas['TuningOut']
export type TuningIn = Schemas['TuningIn']
export type Supposition = Schemas['SupposeIn']
export type Supposed = Schemas['SupposeOut']

export type Roads = Schemas['RoadsOut']

export type PreviewDuplicate = Schemas['DuplicateOut']
export type AddressSuggestion = Schemas['AddressOut']
export type Preview = Schemas['PreviewOut']
export type ReportIn = Schemas['ReportIn']
export type ReportReceipt = Schemas['dispatcher__intake__schemas__ReportOut']

export type Category = Schemas['CategoryOut']
export type Simulation = Schemas['SimulationOut']

export interface Item { key: string; ver: number; data: unknown }

export type Pay = Schemas['PayOut']
export type CalendarLink = Schemas['CalendarLinkOut']
export type SharedCalendar = Schemas['SharedCalendarOut']
export type Chain = Schemas['ChainOut']
export type Swap = Schemas['SwapOut']
export type RotaView = Schemas['RotaView']
export type RotaVersion = Schemas['RotaVersionOut']
export type RotaSearch = Schemas['SearchOut']

export type PolicyInForce = Schemas['PolicyInForce']
export type PolicyDraft = Schemas['DraftOut']
export type PolicyCheck = Schemas['CheckOut']
export type PolicyProblem = Schemas['ProblemOut']
export type PolicySample = Schemas['SampleOut']
export type PolicyReplay = Schemas['ReplayOut']
export type PolicyVersion = Schemas['VersionOut']
export type PolicyOverrides = Schemas['OverridesOut']
export type PolicyHint = Schemas['HintOut']
export type PageState = Schemas['PageState']
export type OnCallAlert = Schemas['OnCallAlert']
export type OnCallAlertsState = Schemas['OnCallAlertsState']
export type PageDetail = Schemas['PageDetail']
export type Delivery = Schemas['DeliveryOut']
export type PagingPolicy = Schemas['PagingPolicy']
export type PostRule = Schemas['PostRule']
export type ClassRule = Schemas['ClassRule']
export type LadderChoices = Schemas['LadderChoices']
export type PagingVersion = Schemas['PolicyVersionOut']
export type CallOut = Schemas['CallOutView']
export type LegalStanding = Schemas['LegalStandingOut']
export type HandoverNote = Schemas['HandoverOut']
export type Wish = Schemas['WishOut']
export type TurnPrice = Schemas['TurnPriceOut']
export type TurnMoves = Schemas['TurnMovesOut']
export type Repairs = Schemas['RepairsOut']
export type WayOut = Schemas['WayOutOut']
export type Robustness = Schemas['RobustnessOut']

export type ReplyTemplate = Schemas['TemplateOut']
export type ReplyPut = Schemas['TemplatePut']
export type ReplyVersion = Schemas['TemplateVersionOut']
export type ReplyCheck = Schemas['TemplateCheckOut']
export type ReplyProblem = Schemas['TemplateProblem']
export type ReplySpoken = Schemas['SpokenOut']

export type Rules = Schemas['RulesOut']
export type RulesVersion = Schemas['RulesVersionOut']
export type RulesCheck = Schemas['RulesCheckOut']
export type RulesProblem = Schemas['RuleProblem']
export type Rule = Schemas['CompetenceRuleOut']
export type RulesTry = Schemas['TryOut']
export type RoadClass = NonNullable<RulesTry['road']>

export type Competence = Schemas['CompetenceOut']
export type FoundBody = Schemas['FoundOut']
export type Claim = Schemas['ClaimOut']

export type Standing = Schemas['PromisesOut']
