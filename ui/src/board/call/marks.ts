/** Cuts a sentence into plain and understood pieces. Spans hold only for the words they were made for: pure. */
import type { Preview } from '../../lib/types'

export interface Piece { text: string; kind: 'category' | 'place' | 'danger' | null }

export function piecesOf(text: string, spans: Preview['spans'], readText: string): Piece[] {
  const valid = commonPrefix(text, readText)
  const out: Piece[] = []
  let at = 0
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (span.start < at || span.end > valid || span.end <= span.start) continue
    if (span.start > at) out.push({ text: text.slice(at, span.start), kind: null })
    out.push({ text: text.slice(span.start, span.end), kind: span.kind })
    at = span.end
  }
  if (at < text.length) out.push({ text: text.slice(at), kind: null })
  return out
}

function commonPrefix(a: string, b: string): number {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1
  return length
}
