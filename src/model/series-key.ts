/**
 * A series key is the canonical text of a series: its dotted name, then its tags as `;key=value`, sorted by key.
 * It is the identity of a series everywhere: in the store, in the API, on the wire to Graphite. Two spellings of
 * one series (`#a:1,b:2` and `#b:2,a:1`) have one key.
 *
 *   api.requests;env=prod;host=web1
 *   ^^^^^^^^^^^^                     name
 *                ^^^^^^^^           a tag
 */
export type SeriesKey = string

/** `[key, value]`. Neither contains `;`; the key contains no `=`. */
export type Tag = readonly [key: string, value: string]

export interface ParsedSeriesKey {
  readonly name: string
  readonly tags: readonly Tag[]
}

/** Builds the canonical key. Of tags with one key the last wins. */
export function formatSeriesKey(name: string, tags: readonly Tag[]): SeriesKey {
  if (tags.length === 0) return name
  const unique = new Map<string, string>()
  for (const [key, value] of tags) unique.set(key, value)
  let text = name
  for (const [key, value] of [...unique].sort(byTagKey)) text += `;${key}=${value}`
  return text
}

export function parseSeriesKey(key: SeriesKey): ParsedSeriesKey {
  const nameEnd = key.indexOf(';')
  if (nameEnd < 0) return { name: key, tags: [] }
  const tags = key
    .slice(nameEnd + 1)
    .split(';')
    .map((text): Tag => {
      const equals = text.indexOf('=')
      return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)]
    })
  return { name: key.slice(0, nameEnd), tags }
}

/** Adds a node to the name, in front of the tags: `appendToName('a;k=v', '.count')` is `a.count;k=v`. */
export function appendToName(key: SeriesKey, suffix: string): SeriesKey {
  const nameEnd = key.indexOf(';')
  return nameEnd < 0 ? key + suffix : key.slice(0, nameEnd) + suffix + key.slice(nameEnd)
}

function byTagKey(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
}
