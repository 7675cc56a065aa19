import { excerpt } from '../../lib/excerpt.ts'
import { ExpectedOrder } from '../../lib/expected-order.ts'
import { compilePathGlob } from '../../lib/glob.ts'
import { grow } from '../../lib/grow.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { Catalog, CatalogEntry, CatalogMetric, CatalogNode } from '../catalog.ts'
import { MetricGroups } from './metric-groups.ts'
import { NameTable } from './name-table.ts'
import { newestFirst } from './newest-first.ts'
import { NONE, PathTree } from './path-tree.ts'
import { searchTree } from './search-tree.ts'
import { SeriesRows } from './series-rows.ts'

/**
 * The catalog in memory, as columns: a million series are some arrays, not a million objects. Every series is a row, found by
 * its key: the untagged ones through the tree of their names, the tagged ones by the whole key.
 */
export class CompactCatalog implements Catalog {
  readonly #tree = new PathTree()
  readonly #tagged = new NameTable()
  /** By number of the tagged key. */
  #rowsOfTagged = new Uint32Array(256)
  readonly #rows = new SeriesRows()
  readonly #metrics = new MetricGroups(this.#rows)
  /** Fast path: rows of the identities that were touched, which are the same objects from flush to flush. */
  readonly #touched = new ExpectedOrder<SeriesIdentity>()
  /** Of metrics, made when asked for, and again only after something changed. */
  #newest: { readonly limit: number; readonly heads: readonly number[] } | undefined

  get seriesCount(): number {
    return this.#rows.size
  }

  get metricCount(): number {
    return this.#metrics.size
  }

  touch(identity: SeriesIdentity, timeMs: number): void {
    let row = this.#touched.next(identity)
    if (row < 0) {
      row = this.#use(identity, timeMs)
      this.#touched.learn(identity, row)
    }
    this.#see(row, timeMs)
  }

  /** It has points from the one time to the other. For series that are not in use: nothing is remembered of the object. */
  note(identity: SeriesIdentity, firstMs: number, lastMs: number): void {
    const row = this.#use(identity, firstMs)
    this.#see(row, firstMs)
    this.#see(row, lastMs)
  }

  get(key: SeriesKey): CatalogEntry | undefined {
    const row = this.#find(key)
    return row < 0 ? undefined : this.#entryOf(row, key)
  }

  findNodes(pattern: string, limit: number): CatalogNode[] {
    return this.#search(pattern, limit, () => true).map(({ path, node }) => ({
      path,
      name: path.slice(path.lastIndexOf('.') + 1),
      isLeaf: this.#tree.rowOf(node) >= 0,
      isBranch: this.#tree.firstChildOf(node) !== NONE,
    }))
  }

  findSeries(pattern: string, limit: number): CatalogEntry[] {
    if (pattern.includes(';')) {
      const entry = this.get(pattern)
      return entry === undefined ? [] : [entry]
    }
    const found = this.#search(pattern, limit, (node) => this.#tree.rowOf(node) >= 0)
    return found.map(({ node, path }) => this.#entryOf(this.#tree.rowOf(node), path))
  }

  metrics(limit: number): CatalogMetric[] {
    if (this.#newest === undefined || this.#newest.limit < limit)
      this.#newest = { limit, heads: newestFirst(this.#metrics, this.#rows, limit) }
    return this.#newest.heads
      .slice(0, limit)
      .map((head) => this.#metricOf(head))
      .sort((a, b) => b.firstSeenMs - a.firstSeenMs || (a.metricKey < b.metricKey ? -1 : 1))
  }

  remove(keys: readonly SeriesKey[]): number {
    let removed = 0
    for (const key of keys) {
      const row = this.#find(key)
      if (row < 0) continue
      this.#remove(row)
      removed++
    }
    return removed
  }

  /** Forgets the series that have no point as new as `timeMs`; returns how many there were. */
  removeUnseenSince(timeMs: number): number {
    let removed = 0
    for (let row = 0; row < this.#rows.limit; row++) {
      if (!this.#rows.has(row) || (this.#rows.lastSeenMs[row] as number) >= timeMs) continue
      this.#remove(row)
      removed++
    }
    // Objects of series that nobody sends any more are not held for ever.
    this.#touched.clear()
    return removed
  }

  /** The row of a series, made if it has none. A series may come back as something else: another rollup, or type. */
  #use(identity: SeriesIdentity, timeMs: number): number {
    const { key } = identity
    const isTagged = key.includes(';')
    const node = isTagged ? NONE : this.#tree.add(key)
    const known = isTagged ? this.#rowOfTagged(key) : this.#tree.rowOf(node)
    if (known < 0)
      return this.#add(identity, { place: isTagged ? this.#tagged.use(key) : node, isTagged }, timeMs)
    if (this.#rows.isOfKind(known, identity) && this.#metrics.isOf(known, identity)) return known
    this.#metrics.remove(known)
    this.#rows.setKind(known, identity)
    this.#metrics.add(known, identity)
    this.#newest = undefined
    return known
  }

  #add(identity: SeriesIdentity, { place, isTagged }: Place, timeMs: number): number {
    const row = this.#rows.add(place, isTagged)
    this.#rows.setKind(row, identity)
    this.#rows.firstSeenMs[row] = timeMs
    this.#rows.lastSeenMs[row] = timeMs
    if (!isTagged) this.#tree.setRow(place, row)
    else {
      if (place >= this.#rowsOfTagged.length)
        this.#rowsOfTagged = grow(this.#rowsOfTagged, new Uint32Array(this.#rowsOfTagged.length * 2))
      this.#rowsOfTagged[place] = row
    }
    this.#metrics.add(row, identity)
    this.#newest = undefined
    return row
  }

  #see(row: number, timeMs: number): void {
    const { firstSeenMs, lastSeenMs } = this.#rows
    if (timeMs > (lastSeenMs[row] as number)) lastSeenMs[row] = timeMs
    if (timeMs >= (firstSeenMs[row] as number)) return
    firstSeenMs[row] = timeMs
    this.#newest = undefined
  }

  #remove(row: number): void {
    const place = this.#rows.places[row] as number
    this.#metrics.remove(row)
    if (this.#rows.isTagged(row)) this.#tagged.release(place)
    else this.#tree.clearRow(place)
    this.#rows.remove(row)
    this.#touched.forget(row)
    this.#newest = undefined
  }

  /** -1: there is no such series. */
  #find(key: SeriesKey): number {
    if (key.includes(';')) return this.#rowOfTagged(key)
    const node = this.#tree.find(key)
    return node === NONE ? -1 : this.#tree.rowOf(node)
  }

  #rowOfTagged(key: SeriesKey): number {
    const tagged = this.#tagged.find(key)
    return tagged < 0 ? -1 : (this.#rowsOfTagged[tagged] as number)
  }

  #entryOf(row: number, key: SeriesKey): CatalogEntry {
    return {
      identity: this.#identityOf(row, key),
      firstSeenMs: this.#rows.firstSeenMs[row] as number,
      lastSeenMs: this.#rows.lastSeenMs[row] as number,
    }
  }

  #identityOf(row: number, key: SeriesKey): SeriesIdentity {
    return { key, metricKey: this.#metrics.keyOf(row) ?? key, ...this.#rows.kindOf(row) }
  }

  #keyOf(row: number): SeriesKey {
    const place = this.#rows.places[row] as number
    return this.#rows.isTagged(row) ? this.#tagged.text(place) : this.#tree.pathOf(place)
  }

  #metricOf(head: number): CatalogMetric {
    const rows = this.#metrics.rowsOf(head)
    const series = rows.map((row) => this.#identityOf(row, this.#keyOf(row)))
    const { firstSeenMs, lastSeenMs } = this.#rows
    return {
      metricKey: series[0]?.metricKey ?? '',
      metricType: series[0]?.metricType ?? 'untyped',
      firstSeenMs: rows.reduce(
        (first, row) => Math.min(first, firstSeenMs[row] as number),
        Number.POSITIVE_INFINITY,
      ),
      lastSeenMs: rows.reduce(
        (last, row) => Math.max(last, lastSeenMs[row] as number),
        Number.NEGATIVE_INFINITY,
      ),
      series,
    }
  }

  /** Wanted nodes that match, sorted by path, each once. */
  #search(pattern: string, limit: number, isWanted: (node: number) => boolean): FoundNode[] {
    const glob = compilePathGlob(pattern)
    if (!glob.isCompiled) throw refusal(pattern, glob.limit)
    const found = new Set<number>()
    const budget = { stepsLeft: MOST_STEPS }
    searchTree({
      tree: this.#tree,
      alternatives: glob.alternatives,
      budget,
      visit(node) {
        if (!isWanted(node)) return
        found.add(node)
        if (found.size > limit)
          throw new KymoError('too-many-results', { pattern: excerpt(pattern, EXCERPT_CHARACTERS), limit })
      },
    })
    if (budget.stepsLeft < 0) throw refusal(pattern, 'takes too long to look for; narrow its first nodes')
    return [...found]
      .map((node) => ({ path: this.#tree.pathOf(node), node }))
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  }
}

/**
 * What one search may cost, in the steps of lib/glob.ts: a fraction of a second, or a million series and a few
 * wildcards. The catalog is searched by the thread that flushes.
 */
const MOST_STEPS = 32_000_000

/** Where the key of a series is: a node of the tree, or the number of a tagged key. */
interface Place {
  readonly place: number
  readonly isTagged: boolean
}

interface FoundNode {
  readonly path: string
  readonly node: number
}

function refusal(pattern: string, reason: string): KymoError {
  return new KymoError('request-invalid', {
    problem: `The pattern "${excerpt(pattern, EXCERPT_CHARACTERS)}" ${reason}.`,
  })
}

const EXCERPT_CHARACTERS = 200
