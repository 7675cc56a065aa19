import type { Tag } from '../model/series-key.ts'
import { UNPRINTABLE } from './unprintable.ts'

// Tags in the spellings that lines carry them in, and the rule that all pass through:
//
//   |#env:prod,canary          DogStatsD: the first ':' ends the key, later ones belong to the value
//   name;env=prod;canary       Graphite:  the first '=' ends the key
//   name,env=prod,canary       Influx, and with other marks around them Librato and SignalFx: the first '=' ends the key
//
// A tag without a value (`canary`) has the value `true`. A tag whose key or value is empty, or becomes so, is left out.

/** What becomes of the text of a tag. Neither result contains `;`, and the key no `=`. */
export interface TagText {
  key(text: string): string
  value(text: string): string
}

/** Kymo's own rule. */
export const TAG_TEXT: TagText = { key: sanitiseTagKey, value: sanitiseTagValue }

/** Appends the tags of a DogStatsD section, `text` being what stands behind `#`. */
export function addDogstatsdTags(text: string, tags: Tag[], rule: TagText = TAG_TEXT): void {
  // An old PHP client puts a '#' in front of every tag and not only of the first.
  for (const tag of text.split(',')) addTag(tag.startsWith('#') ? tag.slice(1) : tag, ':', tags, rule)
}

/** Appends the tags of a Graphite name, `text` being what stands behind the first `;`. */
export function addGraphiteTags(text: string, tags: Tag[], rule: TagText = TAG_TEXT): void {
  for (const tag of text.split(';')) addTag(tag, '=', tags, rule)
}

/** Appends the tags in a name as Influx, Librato and SignalFx have them: `env=prod,canary`. */
export function addCommaTags(text: string, tags: Tag[], rule: TagText = TAG_TEXT): void {
  for (const tag of text.split(',')) addTag(tag, '=', tags, rule)
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

function addTag(text: string, separator: string, tags: Tag[], rule: TagText): void {
  const keyEnd = text.indexOf(separator)
  const key = rule.key(keyEnd < 0 ? text : text.slice(0, keyEnd))
  const value = keyEnd < 0 ? 'true' : rule.value(text.slice(keyEnd + 1))
  if (key !== '' && value !== '') tags.push([key, value])
}
