/**
 * How a state looks: one icon and one of a few fills, the same in a list, on a bar and on the map.
 * The surer, the fuller: outline → pale → solid; done turns grey. The words live in the locale files.
 */
import type { Component } from 'svelte'
import Archive from '@lucide/svelte/icons/archive'
import ArrowLeftRight from '@lucide/svelte/icons/arrow-left-right'
import Ban from '@lucide/svelte/icons/ban'
import Calendar from '@lucide/svelte/icons/calendar'
import CheckCheck from '@lucide/svelte/icons/check-check'
import CircleCheck from '@lucide/svelte/icons/circle-check'
import CircleDashed from '@lucide/svelte/icons/circle-dashed'
import CirclePause from '@lucide/svelte/icons/circle-pause'
import CircleX from '@lucide/svelte/icons/circle-x'
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check'
import Contrast from '@lucide/svelte/icons/contrast'
import CornerUpRight from '@lucide/svelte/icons/corner-up-right'
import HardHat from '@lucide/svelte/icons/hard-hat'
import Hourglass from '@lucide/svelte/icons/hourglass'
import Inbox from '@lucide/svelte/icons/inbox'
import Merge from '@lucide/svelte/icons/merge'
import MessageSquare from '@lucide/svelte/icons/message-square'
import Moon from '@lucide/svelte/icons/moon'
import RotateCcw from '@lucide/svelte/icons/rotate-ccw'
import Send from '@lucide/svelte/icons/send'
import ShieldCheck from '@lucide/svelte/icons/shield-check'
import Truck from '@lucide/svelte/icons/truck'
import Wrench from '@lucide/svelte/icons/wrench'
import type { CrewStatus, IncidentStatus, VisitStatus } from './types'

export type IconType = Component<{ size?: number | string; strokeWidth?: number | string; class?: string }>

/** `framed` adds the line that keeps pale fills apart for those who do not see the hue. */
export type Look =
  | 'dashed' | 'plan' | 'plan-framed' | 'ack' | 'go' | 'site' | 'sitesoft'
  | 'hold' | 'done' | 'outline' | 'outline-plan' | 'struck'

export interface StateStyle { look: Look; icon: IconType }

export const INCIDENT: Record<IncidentStatus, StateStyle> = {
  received: { look: 'done', icon: Inbox },
  triaged: { look: 'outline-plan', icon: ClipboardCheck },
  in_progress: { look: 'go', icon: Wrench },
  stabilised: { look: 'sitesoft', icon: ShieldCheck },
  resolved: { look: 'site', icon: CircleCheck },
  closed: { look: 'done', icon: Archive },
  answered: { look: 'done', icon: MessageSquare },
  on_hold: { look: 'hold', icon: Hourglass },
  transferred: { look: 'outline', icon: CornerUpRight },
  merged: { look: 'outline', icon: Merge },
  cancelled: { look: 'struck', icon: Ban },
  reopened: { look: 'outline-plan', icon: RotateCcw },
}

export const VISIT: Record<VisitStatus, StateStyle> = {
  proposed: { look: 'dashed', icon: CircleDashed },
  assigned: { look: 'plan', icon: Calendar },
  notified: { look: 'plan-framed', icon: Send },
  acknowledged: { look: 'ack', icon: CheckCheck },
  en_route: { look: 'go', icon: Truck },
  on_site: { look: 'site', icon: HardHat },
  paused: { look: 'hold', icon: CirclePause },
  completed: { look: 'done', icon: CircleCheck },
  incomplete: { look: 'done', icon: Contrast },
  refused: { look: 'outline', icon: CircleX },
  reassigned: { look: 'outline', icon: ArrowLeftRight },
  cancelled: { look: 'struck', icon: Ban },
}

export const CREW: Record<CrewStatus, StateStyle> = {
  off: { look: 'outline', icon: Moon },
  available: { look: 'plan', icon: CircleCheck },
  en_route: { look: 'go', icon: Truck },
  on_site: { look: 'site', icon: HardHat },
  paused: { look: 'hold', icon: CirclePause },
}
