/** The tokens as the style sheet has them: this page shows what is, not what somebody once wrote about it. */

export interface Token { name: string; value: string }
export interface Group { name: string; tokens: Token[] }

/** Tokens of a theme (or of both, for `base`), under the comments that head them in the sheet. */
export function tokensOf(sheet: string, theme: 'base' | 'light' | 'dark'): Group[] {
  const head = theme === 'base' ? /:root\s*\{([^}]*)\}/ : new RegExp(`:root\\[data-theme='${theme}'\\]\\s*\\{([^}]*)\\}`)
  const body = head.exec(sheet)?.[1] ?? ''
  const groups: Group[] = []
  for (const [, comment, name, value] of body.matchAll(/\/\*\s*(.*?)\s*\*\/|--([\w-]+):\s*([^;]+);/g)) {
    if (comment) groups.push({ name: comment, tokens: [] })
    else if (name && value) {
      if (groups.length === 0) groups.push({ name: '', tokens: [] })
      groups.at(-1)!.tokens.push({ name, value: value.trim() })
    }
  }
  return groups.filter((group) => group.tokens.length > 0)
}

/** Contrast of two #RRGGBB, 1 to 21 (WCAG 2.1); null when one is no such colour. */
export function contrast(one: string, other: string): number | null {
  const [a, b] = [luminance(one), luminance(other)]
  if (a === null || b === null) return null
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

function luminance(colour: string): number | null {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return null
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
