/** The colours of the page, read where CSS variables do not reach: inside the map's canvas. */
export type Tokens = (name: string) => string

export function readTokens(): Tokens {
  const style = getComputedStyle(document.documentElement)
  return (name) => style.getPropertyValue(`--${name}`).trim()
}
