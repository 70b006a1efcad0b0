/** What of the map can be taken away, and the layers of the style that draw it. */
export type LayerName = 'tiles' | 'towns' | 'incidents' | 'crews' | 'names'

export const LAYERS: Record<LayerName, string[]> = {
  tiles: ['tiles'],
  towns: ['towns'],
  incidents: ['incidents', 'lone', 'gathered', 'counts'],
  crews: ['crews', 'route'],
  names: ['crew-names'],
}

/** Pictures of the ground from a server that the authority has chosen, with whom to thank for them. */
export interface Tiles { url: string; credit: string }
