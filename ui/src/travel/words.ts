/** What figures about travel mean, in the reader's words. */
import type { WindowCoverage } from '../lib/types'

const ENOUGH = 20
const NEAR = 0.1

/** Whether windows hold as promised; below twenty arrivals one miss says too much to judge. */
export function verdictOf(one: WindowCoverage, goal: number): 'few' | 'held' | 'below' {
  if (one.share === null || one.arrivals < ENOUGH) return 'few'
  return one.share >= goal - NEAR ? 'held' : 'below'
}
