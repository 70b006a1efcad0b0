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
  [/snow|ice|frost|salt|winter/, Snowflake],
  [/tree|vegetation|green/, TreeDeciduous],
  [/traffic_light/, TrafficCone],
  [/lamp|street_dark|lighting/, LampFloor],
  [/cable|power|electric/, Zap],
  [/sign|marking|guardrail/, Signpost],
  [/flood|storm|overflow$/, CloudRainWind],
  [/sewer|drain|manhole|lift_station|pollution|ditch/, Waves],
  [/tipping|bin|waste|collection/, Trash2],
  [/furniture|playground|obstacle|vehicle/, TrafficCone],
  [/water|hydrant|leak/, Droplets],
  [/build|lift|access|heating/, House],
  [/rock|collapse|pothole|road|spill|pavement|wall|bridge/, Construction],
]

export function shapeOf(service: string): Shape {
  const word = service.toLowerCase()
  return SHAPES.find(([pattern]) => pattern.test(word))?.[1] ?? 'hexagon'
}

export function iconOf(category: string, service: string): IconType {
  for (const word of [category.toLowerCase(), service.toLowerCase()]) {
    if (word.startsWith('building')) return House
    const found = ICONS.find(([pattern]) => pattern.test(word))
    if (found) return found[1]
  }
  return Bell
}
