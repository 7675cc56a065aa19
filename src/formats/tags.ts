import type { Tag } from '../model/series-key.ts'
import { UNPRINTABLE } from './unprintable.ts'

// Tags in the two spellings that lines carry them in, and the rule that both pass through:
//
//   |#env:prod,canary          DogStatsD: the first ':' ends the key, later ones belong to the value
//   name;env=prod;canary       Graphite:  the first '=' ends the key
//
// A tag without a value (`canary`) has the value `true`. A tag whose key or value is empty, or becomes so, is left out.

/** Appends the tags of a DogStatsD section, `text` being what stands behind `#`. */
export function addDogstatsdTags(text: string, tags: Tag[]): void {
  for (const tag of text.split(',')) addTag(tag, ':', tags)
}

/** Appends the tags of a Graphite name, `text` being what stands behind the first `;`. */
export function addGraphiteTags(text: string, tags: Tag[]): void {
  for (const tag of text.split(';')) addTag(tag, '=', tags)
}

/**
 * White space becomes one '_' per run, unprintable characters go, ';' becomes '_', and a leading '~' goes, as Graphite
 * wants it. UTF-8 stays.
 */
export function sanitiseTagValue(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(/\s+/g, '_').replace(UNPRINTABLE, '').replace(/;/g, '_').replace(/^~+/, '')
}

/** As values; what Graphite's tag expressions give a meaning to ('=', '!', '^') becomes '_' as well. */
export function sanitiseTagKey(text: string): string {
  if (PLAIN.test(text)) return text
  return sanitiseTagValue(text).replace(/[=!^]/g, '_')
}

// Fast path: what nearly all tags are made of.
const PLAIN = /^[A-Za-z0-9_.:/-]*$/

function addTag(text: string, separator: string, tags: Tag[]): void {
  const keyEnd = text.indexOf(separator)
  const key = sanitiseTagKey(keyEnd < 0 ? text : text.slice(0, keyEnd))
  const value = keyEnd < 0 ? 'true' : sanitiseTagValue(text.slice(keyEnd + 1))
  if (key !== '' && value !== '') tags.push([key, value])
}
