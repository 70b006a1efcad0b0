/** Which sector answers for a commune. Loaded once; until then nobody's sector is known. */
import { get } from './api'
import type { Sector } from './types'

let sectors = $state.raw<readonly Sector[]>([])
let byCommune = $state.raw<ReadonlyMap<string, string>>(new Map())

export async function loadSectors(): Promise<void> {
  try {
    sectors = await get<Sector[]>('/reference/sectors')
    byCommune = new Map(sectors.flatMap((one) => one.communes.map((insee) => [insee, one.name] as const)))
  } catch {
    // Incidents are then of no sector; the next page load tries again.
  }
}

/** Sectors that answer for communes, in the order of the board. */
export function allSectors(): string[] {
  return sectors.filter((one) => one.communes.length > 0).map((one) => one.name)
}

export function sectorOf(insee: string | null | undefined): string | undefined {
  return insee ? byCommune.get(insee) : undefined
}
