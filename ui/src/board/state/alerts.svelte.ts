/** A new P1 without a crew is told once, wherever the dispatcher looks. Everything else waits calmly in the queue. */
import { untrack } from 'svelte'
import LifeBuoy from '@lucide/svelte/icons/life-buoy'
import OctagonAlert from '@lucide/svelte/icons/octagon-alert'
import { t } from '../../lib/i18n.svelte'
import { showToast } from '../../lib/toast.svelte'
import { helpWords } from '../field/words'
import { board } from './board.svelte'
import { field } from './field.svelte'
import { placeOf } from './model'
import { queue } from './queue.svelte'
import { view } from './view.svelte'

const SECONDS = 20

/** Says once what a crew has just asked for. Call inside a component's initialisation. */
export function announceHelp(): void {
  let known: Set<string> | null = null
  $effect(() => {
    if (!board.isLoaded) return
    const before = known
    known = new Set([...(before ?? []), ...field.calls.map((call) => call.id)])
    if (!before) return
    for (const call of field.calls.filter((one) => !before.has(one.id))) {
      const action = { label: t('alert.open'), run: () => view.select(call.incident_id) }
      const text = t('alert.help', { crew: call.crew, said: helpWords(call) })
      untrack(() => showToast({ kind: 'info', icon: LifeBuoy, seconds: SECONDS, text, action }))
    }
  })
}

/** Call inside a component's initialisation. What is there when the page opens is in the counts, not news. */
export function announceEmergencies(): void {
  let known: Set<string> | null = null
  $effect(() => {
    if (!board.isLoaded) return
    const waiting = queue.rows.filter((row) => row.incident.priority === 'P1' && row.visit === undefined).map((row) => row.incident)
    const before = known
    known = new Set([...(before ?? []), ...waiting.map((incident) => incident.id)])
    if (!before) return
    // What one has just entered or already looks at is no news.
    const fresh = waiting.filter((incident) => !before.has(incident.id) && incident.id !== untrack(() => view.selectedId))
    for (const incident of fresh) {
      const words = { title: incident.title, place: placeOf(incident) || t('queue.no_place') }
      const action = { label: t('alert.open'), run: () => view.select(incident.id) }
      untrack(() => showToast({ kind: 'info', icon: OctagonAlert, seconds: SECONDS, text: t('alert.p1', words), action }))
    }
  })
}
