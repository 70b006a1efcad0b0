/** What of a source has changed since it was last written: replacing 1,000 points costs a second on a slow machine. Pure. */
import type { PointFeature } from './features'

export interface Diff { add: PointFeature[]; remove: string[]; held: Map<string, string> }

export function diffOf(held: ReadonlyMap<string, string>, features: readonly PointFeature[]): Diff {
  const next = new Map<string, string>()
  const add: PointFeature[] = []
  const remove: string[] = []
  for (const feature of features) {
    const id = String(feature.properties.id)
    const written = `${feature.geometry.coordinates.join()} ${Object.values(feature.properties).join('|')}`
    next.set(id, written)
    const was = held.get(id)
    if (was === written) continue
    add.push(feature)
    // A feature is replaced whole: what it was goes first.
    if (was !== undefined) remove.push(id)
  }
  for (const id of held.keys()) if (!next.has(id)) remove.push(id)
  return { add, remove, held: next }
}

/** More points than this and those that matter less gather where they crowd. */
export const ONE_BY_ONE = 120

/** The gravest are drawn one by one, whatever happens; `all` comes gravest first. */
export function parted<T>(all: readonly T[], most = ONE_BY_ONE): { alone: readonly T[]; crowd: readonly T[] } {
  return all.length <= most ? { alone: all, crowd: [] } : { alone: all.slice(0, most), crowd: all.slice(most) }
}
