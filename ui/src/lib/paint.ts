/** What an incident looks like on a map, wherever it is drawn: names of colour tokens for each state. */
export interface Paint { fill: string; line: string; glyph: string }

const PAINT: Record<string, Paint> = {
  received: { fill: 'surface', line: 'ink2', glyph: 'text' },
  triaged: { fill: 'surface', line: 'planline', glyph: 'plantext' },
  reopened: { fill: 'surface', line: 'planline', glyph: 'plantext' },
  assigned: { fill: 'plan', line: 'planline', glyph: 'plantext' },
  notified: { fill: 'plan', line: 'planline', glyph: 'plantext' },
  acknowledged: { fill: 'ack', line: 'planline', glyph: 'acktext' },
  en_route: { fill: 'go', line: 'go', glyph: 'ongo' },
  in_progress: { fill: 'go', line: 'go', glyph: 'ongo' },
  on_site: { fill: 'site', line: 'site', glyph: 'onsite' },
  stabilised: { fill: 'sitesoft', line: 'site', glyph: 'sitetext' },
  paused: { fill: 'holdsoft', line: 'hold', glyph: 'holdtext' },
  on_hold: { fill: 'holdsoft', line: 'hold', glyph: 'holdtext' },
}

/** A visit speaks before the incident it is for. */
export const paintOf = (incident: string, visit?: string | null): Paint => PAINT[visit ?? incident] ?? PAINT.received!
