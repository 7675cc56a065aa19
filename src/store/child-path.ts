import type { SeriesKey } from '../model/series-key.ts'

/**
 * Which child of a prefix a series belongs to, as a path: the prefix and one node more, `a.b` of `a.b.c` below `a`. Below its name a tagged series is a child by
 * its whole key, and a series whose key is the prefix is the prefix itself. The empty prefix is above everything. undefined: it is not below the prefix.
 *
 * A prefix that begins with a semicolon goes by tags: below `;env` the child of `a.b;env=x` is `;env=x`, and below `;env=x;host` are the hosts of what has this tag.
 */
export function childPathOf(key: SeriesKey, prefix: string): string | undefined {
  if (isByTag(prefix)) return childByTag(key, prefix)
  if (!key.startsWith(prefix)) return undefined
  if (prefix === '') return key.slice(0, nodeEnd(key, 0))
  if (key.length === prefix.length) return key
  // Behind the name come tags, and a dot in them divides nothing.
  if (prefix.includes(';')) return undefined
  const separator = key.charCodeAt(prefix.length)
  if (separator === SEMICOLON) return key
  return separator === DOT ? key.slice(0, nodeEnd(key, prefix.length + 1)) : undefined
}

/** No name begins so. */
export function isByTag(prefix: string): boolean {
  return prefix.charCodeAt(0) === SEMICOLON
}

function childByTag(key: SeriesKey, prefix: string): string | undefined {
  const cut = prefix.lastIndexOf(';')
  const start = key.indexOf(`${prefix.slice(cut)}=`)
  if (start < 0) return undefined
  const conditions = prefix.slice(0, cut)
  if (conditions !== '' && !hasTags(key, conditions)) return undefined
  const end = key.indexOf(';', start + 1)
  return conditions + (end < 0 ? key.slice(start) : key.slice(start, end))
}

function hasTags(key: SeriesKey, conditions: string): boolean {
  return conditions
    .split(';')
    .slice(1)
    .every((tag) => `${key};`.includes(`;${tag};`))
}

/** Where the node ends that begins there, in a key whose tags are behind it. */
function nodeEnd(key: SeriesKey, start: number): number {
  for (let at = start; at < key.length; at++) {
    const code = key.charCodeAt(at)
    if (code === DOT || code === SEMICOLON) return at
  }
  return key.length
}

const DOT = 0x2e
const SEMICOLON = 0x3b
