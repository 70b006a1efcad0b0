/** What kind of thing is broken, as a shape and an icon: circle water, diamond road, square networks, hexagon other. */
import Bell from '@lucide/svelte/icons/bell'
import CloudRainWind from '@lucide/svelte/icons/cloud-rain-wind'
import Construction from '@lucide/svelte/icons/construction'
import Droplets from '@lucide/svelte/icons/droplets'
import House from '@lucide/svelte/icons/house'
import LampFloor from '@lucide/svelte/icons/lamp-floor'
import Signpost from '@lucide/svelte/icons/signpost'
import Snowflake from '@lucide/svelte/icons/snowflake'
import Trash2 from '@lucide/svelte/icons/trash-2'
import TreeDeciduous from '@lucide/svelte/icons/tree-deciduous'
import TrafficCone from '@lucide/svelte/icons/traffic-cone'
import Waves from '@lucide/svelte/icons/waves'
import Zap from '@lucide/svelte/icons/zap'
import type { IconType } from './states'

export type Shape = 'circle' | 'diamond' | 'square' | 'hexagon'

/** Service codes come from the catalogue of the authority, so they are matched by stem and never assumed complete. */
const SHAPES: [RegExp, Shape][] = [
  [/water|sewer|eau|assain/, 'circle'],
  [/road|winter|voirie|viab/, 'diamond'],
  [/light|network|electr|gas|telecom|reseau|eclair/, 'square'],
]

const ICONS: [RegExp, IconType][] = [
  [/snow|ice|frost|verglas|neige|winter|hiver/, Snowflake],
  [/tree|arbre|branch|green|vert/, TreeDeciduous],
  [/light|lamp|eclair|candel/, LampFloor],
  [/electr|cable|power|energy|telecom|network|reseau|fibre/, Zap],
  [/sign|panneau|traffic|feux/, Signpost],
  [/flood|inond|storm|crue/, CloudRainWind],
  [/sewer|assain|drain|avaloir|wastewater|sanit/, Waves],
  [/waste|dump|trash|dechet|depot/, Trash2],
  [/furniture|mobilier|banc/, TrafficCone],
  [/build|bati|house|school/, House],
  [/water|eau|leak|fuite|hydrant|pressure|burst/, Droplets],
  [/road|voirie|pothole|rock|pierre|nid|route|landslide|pavement|manhole|street/, Construction],
]

export function shapeOf(service: string): Shape {
  const word = service.toLowerCase()
  return SHAPES.find(([pattern]) => pattern.test(word))?.[1] ?? 'hexagon'
}

export function iconOf(category: string, service: string): IconType {
  for (const word of [category.toLowerCase(), service.toLowerCase()]) {
    const found = ICONS.find(([pattern]) => pattern.test(word))
    if (found) return found[1]
  }
  return Bell
}
