import type { Tag } from './series-key.ts'

/**
 * A tag of an event as people write it and search for it: `env:prod`, or `deploy` where it has no value. It is free
 * text: the first ':' ends the key, and nothing else has a meaning.
 */
export function formatEventTag([key, value]: Tag): string {
  return value === '' ? key : `${key}:${value}`
}

export function parseEventTag(text: string): Tag {
  const keyEnd = text.indexOf(':')
  return keyEnd < 0 ? [text, ''] : [text.slice(0, keyEnd), text.slice(keyEnd + 1)]
}
