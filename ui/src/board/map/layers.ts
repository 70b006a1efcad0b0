/** What of the map can be taken away, what each layer looks like in the legend, and the layers of the style that draw it. */
export type LayerName = 'tiles' | 'towns' | 'sectors' | 'incidents' | 'crews' | 'names' | 'sensors' | 'weather'

export const LAYERS: Record<LayerName, string[]> = {
  tiles: ['tiles'],
  towns: ['towns'],
  sectors: ['sector-lines', 'sector-names'],
  incidents: ['incidents', 'lone', 'gathered', 'counts'],
  crews: ['crews', 'crew-headings', 'route'],
  names: ['crew-names'],
  sensors: ['sensors', 'sensor-values'],
  // Shown and hidden with the weather itself.
  weather: [],
}

/** Not on the map before somebody asks: what an ordinary hour does not need. */
export const AT_FIRST_HIDDEN: readonly LayerName[] = ['sectors', 'sensors']

export const turned = (hidden: readonly LayerName[], name: LayerName): LayerName[] => (hidden.includes(name) ? hidden.filter((one) => one !== name) : [...hidden, name])

/** Pictures of the ground from a server that the authority has chosen, with whom to thank for them. */
export interface Tiles { url: string; credit: string }
