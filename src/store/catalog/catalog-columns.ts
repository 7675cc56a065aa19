import { SharedColumnMemory } from '../../lib/column-memory.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { CatalogEntry } from '../catalog.ts'
import { MetricGroups } from './metric-groups.ts'
import { NONE, PathTree, type SharedTree } from './path-tree.ts'
import { SeriesRows } from './series-rows.ts'
import { TaggedKeys } from './tagged-keys.ts'

/**
 * Which series there are, as columns: a million series are some arrays, not a million objects. Every series is a row, found by
 * its key: the untagged ones through the tree of their names, the tagged ones by the whole key.
 */
export class CatalogColumns {
  /** Of what is needed to find names, and when their series had points. */
  readonly #memory = new SharedColumnMemory()
  readonly tree: PathTree
  readonly tagged: TaggedKeys
  readonly rows: SeriesRows
  readonly metrics: MetricGroups
  /** Goes up whenever a series comes, goes, becomes something else, or turns out to be older. */
  version = 0

  /** `like`: about as large as those are without what has gone. Nothing has to grow then, which takes long. */
  constructor(like?: CatalogColumns) {
    const memory = this.#memory
    this.tree = new PathTree({ expectedNodes: like?.tree.size ?? 0, nameRoom: like?.tree.names.room, memory })
    this.tagged = new TaggedKeys(like?.tagged.room)
    this.rows = new SeriesRows(like?.rows.size, memory)
    this.metrics = new MetricGroups(this.rows, like?.metrics.room)
  }

  /** How many series there is memory for that have gone: more were there, or tags are still remembered of them. */
  get garbage(): number {
    return Math.max(this.rows.limit - this.rows.size, this.tagged.index.limit - this.tagged.size)
  }

  /** The row of a series, made if it has none. A series may come back as something else: another rollup, or type. */
  use(identity: SeriesIdentity, timeMs: number): number {
    const { key } = identity
    const isTagged = key.includes(';')
    const node = isTagged ? NONE : this.tree.add(key)
    const known = isTagged ? this.tagged.rowOf(key) : this.tree.rowOf(node)
    if (known < 0) return this.#add(identity, node, timeMs)
    if (this.rows.isOfKind(known, identity) && this.metrics.isOf(known, identity)) return known
    this.version++
    this.metrics.remove(known)
    this.rows.setKind(known, identity)
    this.metrics.add(known, identity)
    return known
  }

  /** All that it has memory in, to be released by who lets go of it. */
  get columns(): readonly ArrayBufferView[] {
    return [this.tree, this.tagged, this.rows, this.metrics].flatMap(({ columns }) => columns)
  }

  /** It has a point at that time. */
  see(row: number, timeMs: number): void {
    const { firstSeenMs, lastSeenMs } = this.rows
    if (timeMs > (lastSeenMs[row] as number)) lastSeenMs[row] = timeMs
    if (timeMs >= (firstSeenMs[row] as number)) return
    firstSeenMs[row] = timeMs
    this.version++
  }

  remove(row: number): void {
    this.version++
    const place = this.rows.places[row] as number
    this.metrics.remove(row)
    if (this.rows.isTagged(row)) this.tagged.remove(place)
    else this.tree.clearRow(place)
    this.rows.remove(row)
  }

  /** For other threads; undefined: not all names can be found in them. */
  get shared(): SharedNames | undefined {
    const tree = this.tree.shared
    if (tree === undefined) return undefined
    const { words, layout } = this.#memory
    const { firstSeenMs, lastSeenMs } = this.rows
    return { words, layout, tree, rows: { firstSeenMs, lastSeenMs } }
  }

  /** Others take the place of these. */
  retire(): void {
    this.#memory.retire()
  }

  /** -1: there is no such series. */
  find(key: SeriesKey): number {
    if (key.includes(';')) return this.tagged.rowOf(key)
    const node = this.tree.find(key)
    return node === NONE ? -1 : this.tree.rowOf(node)
  }

  keyOf(row: number): SeriesKey {
    const place = this.rows.places[row] as number
    return this.rows.isTagged(row) ? this.tagged.text(place) : this.tree.pathOf(place)
  }

  identityOf(row: number, key: SeriesKey = this.keyOf(row)): SeriesIdentity {
    return { key, metricKey: this.metrics.keyOf(row) ?? key, ...this.rows.kindOf(row) }
  }

  entryOf(row: number, key?: SeriesKey): CatalogEntry {
    return {
      identity: this.identityOf(row, key),
      firstSeenMs: this.rows.firstSeenMs[row] as number,
      lastSeenMs: this.rows.lastSeenMs[row] as number,
    }
  }

  /** `node` is that of its path; NONE: it is tagged. */
  #add(identity: SeriesIdentity, node: number, timeMs: number): number {
    this.version++
    const row = this.rows.add()
    // Known before others find the row.
    this.rows.firstSeenMs[row] = timeMs
    this.rows.lastSeenMs[row] = timeMs
    if (node === NONE) this.rows.setPlace(row, this.tagged.add(identity.key, row), true)
    else {
      this.rows.setPlace(row, node, false)
      this.tree.setRow(node, row)
    }
    this.rows.setKind(row, identity)
    this.metrics.add(row, identity)
    return row
  }
}

/** Columns in which another thread finds names; see `NamesReader`. */
export interface SharedNames {
  readonly words: Int32Array
  /** Of the memory, when these were its columns. */
  readonly layout: number
  readonly tree: SharedTree
  readonly rows: FoundRows
}

/** When series had points, by row. */
export type FoundRows = Pick<SeriesRows, 'firstSeenMs' | 'lastSeenMs'>
