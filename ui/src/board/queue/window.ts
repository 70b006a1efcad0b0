/** Where each block of a list starts, when rows have one height per block and a heading stands above each block. */
export const HEAD = 28

export interface BlockIn<T> {
  name: string
  rows: readonly T[]
  rowHeight: number
  /** Shows its heading although it is empty. */
  isCalm?: boolean
}
export interface Block<T> extends BlockIn<T> { top: number; height: number }

export function layOut<T>(blocks: readonly BlockIn<T>[]): Block<T>[] {
  let top = 0
  return blocks.map((block) => {
    const height = block.rows.length === 0 && !block.isCalm ? 0 : HEAD + block.rows.length * block.rowHeight
    const placed = { ...block, top, height }
    top += height
    return placed
  })
}
