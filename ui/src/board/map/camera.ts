/** Where the map was, kept while it is away (another pane, another theme): it comes back as it was left. */
import type { Camera } from './engine'

export const lastCamera: { at: Camera | null } = { at: null }
