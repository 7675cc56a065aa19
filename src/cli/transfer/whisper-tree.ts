import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalKey } from '../../formats/graphite-plaintext/canonical-key.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { reasonOf } from '../../telemetry/errors.ts'

/** A whisper file, by where it stands in its tree. */
export interface TreeFile {
  readonly kind: 'file'
  readonly path: string
  /** Below the root, with slashes. */
  readonly place: string
  readonly key: SeriesKey
}

/** Something that is left alone, and why. */
export interface TreeSkip {
  readonly kind: 'skip'
  readonly place: string
  readonly reason: string
}

const SUFFIX = '.wsp'
const TAGGED = '_tagged'
/** No file system lets a path become longer, and no tree of carbon's is nearly as deep. */
const MOST_DEPTH = 500

/**
 * Walks a tree of whisper files as carbon makes it, in an order that is the same each time; `after` is the place of the last file that is
 * not wanted. Links are not followed, so there are no loops.
 */
export function* walkWhisperTree(root: string, after?: string): Generator<TreeFile | TreeSkip> {
  yield* walk(root, [], after?.split('/'))
}

function* walk(
  root: string,
  above: readonly string[],
  after: readonly string[] | undefined,
): Generator<TreeFile | TreeSkip> {
  const place = above.join('/')
  if (above.length > MOST_DEPTH) return yield { kind: 'skip', place, reason: 'it is too deep' }
  let entries: Dirent[]
  try {
    entries = readdirSync(join(root, ...above), { withFileTypes: true })
  } catch (error) {
    // The root itself was looked at before.
    return yield { kind: 'skip', place, reason: reasonOf(error) }
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  const passed = after?.[above.length]
  for (const entry of entries) {
    if (passed !== undefined && entry.name < passed) continue
    const isOnWay = entry.name === passed
    const path = [...above, entry.name]
    if (entry.isDirectory() && !entry.name.startsWith('.'))
      yield* walk(root, path, isOnWay ? after : undefined)
    else if (!isOnWay) yield look(root, path, entry)
  }
}

function look(root: string, path: readonly string[], entry: Dirent): TreeFile | TreeSkip {
  const place = path.join('/')
  const skip = (reason: string): TreeSkip => ({ kind: 'skip', place, reason })
  if (entry.isSymbolicLink()) return skip('links are not followed')
  if (entry.name.startsWith('.')) return skip('it is hidden')
  if (!entry.isFile()) return skip('it is no file')
  if (!entry.name.endsWith(SUFFIX)) return skip('it is no whisper file')
  const key = keyOf(path)
  if (typeof key !== 'string') return skip(key.problem)
  return { kind: 'file', path: join(root, ...path), place, key }
}

function keyOf(path: readonly string[]): SeriesKey | { readonly problem: string } {
  const nodes = [...path.slice(0, -1), (path.at(-1) ?? '').slice(0, -SUFFIX.length)]
  if (nodes[0] === TAGGED) return keyOfTagged(nodes.at(-1) ?? '')
  // Names that are not UTF-8 have been mended by who listed them.
  if (nodes.some((node) => node.includes('.') || node.includes('\ufffd') || node.includes(';')))
    return { problem: 'carbon does not make such names' }
  const key = nodes.join('.')
  return canonicalKey(key) === key && key !== '' ? key : { problem: 'carbon does not make such names' }
}

/** Of a tagged series carbon writes its whole key as the name of a file, or a hash of it. */
function keyOfTagged(name: string): SeriesKey | { readonly problem: string } {
  if (/^[0-9a-f]{64}$/.test(name))
    return {
      problem: 'the name of a tagged series cannot be told from its hash (TAG_HASH_FILENAMES of carbon.conf)',
    }
  const text = name.replaceAll('_DOT_', '.')
  const key = canonicalKey(text)
  return key === '' || !key.includes(';') ? { problem: 'it is no tagged series' } : key
}
