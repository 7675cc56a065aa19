import { createHash } from 'node:crypto'
import type { SeriesKey } from '../../model/series-key.ts'

/** What file systems take as one name. */
const MOST_NAME_BYTES = 255
const SUFFIX = '.wsp'

/**
 * Where carbon keeps a series, below its directory, with slashes; a tagged one by its whole name. Or why it cannot: names are hostile text, and
 * some would lead elsewhere.
 */
export function whisperPath(key: SeriesKey): string | { readonly problem: string } {
  if (key.includes('/') || key.includes('\0'))
    return { problem: 'a file name has no slash, and no byte of 0' }
  const nodes = key.includes(';') ? nodesOfTagged(key) : key.split('.')
  if (nodes.some((node) => node === '')) return { problem: 'it has empty nodes' }
  const place = `${nodes.join('/')}${SUFFIX}`
  return place.split('/').some((name) => Buffer.byteLength(name) > MOST_NAME_BYTES)
    ? { problem: `it has a node that is too long for a file name, of ${MOST_NAME_BYTES} bytes` }
    : place
}

function nodesOfTagged(key: SeriesKey): string[] {
  const hash = createHash('sha256').update(key).digest('hex')
  return ['_tagged', hash.slice(0, 3), hash.slice(3, 6), key.replaceAll('.', '_DOT_')]
}
