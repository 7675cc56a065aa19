import { systemClock } from '../../lib/clock.ts'
import { ExpectedOrder } from '../../lib/expected-order.ts'
import { atOnce, SliceQueue, type Slices } from '../../lib/slices.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type {
  Catalog,
  CatalogAnswers,
  CatalogEntry,
  CatalogMetric,
  CatalogNode,
  TagQuestion,
  TagValue,
} from '../catalog.ts'
import { CatalogColumns } from './catalog-columns.ts'
import { findSeriesByTags } from './find-by-tags.ts'
import { findTags, findTagValues } from './find-tags.ts'
import { findNodesInTree, findSeriesInTree } from './find-in-tree.ts'
import { NewestMetrics } from './newest-metrics.ts'
import { unpackMetrics, unpackNodes, unpackSeries } from './packed-answers.ts'

/**
 * The catalog in memory, as columns; see decision 11. What takes long can be had in slices, between which series come and go: what is
 * found then was there when its slice was done.
 */
export class CompactCatalog implements Catalog {
  readonly #columns = new CatalogColumns()
  /** Fast path: rows of the identities that were touched, which are the same objects from flush to flush. */
  readonly #touched = new ExpectedOrder<SeriesIdentity>()
  /** Time of the newest point that was touched. */
  #newestMs = Number.NEGATIVE_INFINITY
  readonly #newest = new NewestMetrics()
  readonly #work = new SliceQueue(() => systemClock.monotonicMs())

  readonly answers: CatalogAnswers = {
    findNodes: (pattern, limit, signal) =>
      this.#work.run(findNodesInTree(this.#columns, pattern, limit), signal),
    findSeries: (pattern, limit, signal) =>
      this.#work.run(findSeriesInTree(this.#columns, pattern, limit), signal),
    findSeriesByTags: (expressions, limit, signal) =>
      this.#work.run(findSeriesByTags(this.#columns, expressions, limit), signal),
    tags: (question, signal) => this.#work.run(findTags(this.#columns, question), signal),
    tagValues: (tag, question, signal) => this.#work.run(findTagValues(this.#columns, tag, question), signal),
    metrics: (limit, signal) => this.#work.run(this.#newest.find(this.#columns, limit), signal),
  }

  get seriesCount(): number {
    return this.#columns.rows.size
  }

  get metricCount(): number {
    return this.#columns.metrics.size
  }

  touch(identity: SeriesIdentity, timeMs: number): void {
    let row = this.#touched.next(identity)
    if (row < 0) {
      row = this.#columns.use(identity, timeMs)
      this.#touched.learn(identity, row)
    }
    this.#columns.see(row, timeMs)
    if (timeMs > this.#newestMs) this.#newestMs = timeMs
  }

  /** It has points from the one time to the other. For series that are not in use: nothing is remembered of the object. */
  note(identity: SeriesIdentity, firstMs: number, lastMs: number): void {
    const row = this.#columns.use(identity, firstMs)
    this.#columns.see(row, firstMs)
    this.#columns.see(row, lastMs)
  }

  get(key: SeriesKey): CatalogEntry | undefined {
    const row = this.#columns.find(key)
    return row < 0 ? undefined : this.#columns.entryOf(row, key)
  }

  findNodes(pattern: string, limit: number): CatalogNode[] {
    return unpackNodes(atOnce(findNodesInTree(this.#columns, pattern, limit)))
  }

  findSeries(pattern: string, limit: number): CatalogEntry[] {
    return unpackSeries(atOnce(findSeriesInTree(this.#columns, pattern, limit)))
  }

  findSeriesByTags(expressions: readonly string[], limit: number): CatalogEntry[] {
    return unpackSeries(atOnce(findSeriesByTags(this.#columns, expressions, limit)))
  }

  tags(question: TagQuestion): string[] {
    return atOnce(findTags(this.#columns, question))
  }

  tagValues(tag: string, question: TagQuestion): TagValue[] {
    return atOnce(findTagValues(this.#columns, tag, question))
  }

  metrics(limit: number): CatalogMetric[] {
    return unpackMetrics(atOnce(this.#newest.find(this.#columns, limit)))
  }

  remove(keys: readonly SeriesKey[]): number {
    let removed = 0
    for (const key of keys) {
      const row = this.#columns.find(key)
      if (row < 0) continue
      this.#remove(row)
      removed++
    }
    return removed
  }

  /** Forgets the series that have no point as new as `timeMs`; returns how many there were. */
  removeUnseenSince(timeMs: number): number {
    return atOnce(this.#removeUnseen(timeMs))
  }

  /** The same in slices. */
  forgetUnseenSince(timeMs: number): Promise<number> {
    return this.#work.run(this.#removeUnseen(timeMs))
  }

  *#removeUnseen(timeMs: number): Slices<number> {
    const { rows } = this.#columns
    let removed = 0
    for (let row = 0; row < rows.limit; row++) {
      if (row % ROWS_IN_A_SLICE === ROWS_IN_A_SLICE - 1) yield
      if (!rows.has(row)) continue
      const lastSeenMs = rows.lastSeenMs[row] as number
      // The object of a series that nobody sends any more is not held for ever.
      if (lastSeenMs < this.#newestMs - IDLE_AFTER_MS) this.#touched.forget(row)
      if (lastSeenMs >= timeMs) continue
      this.#remove(row)
      removed++
    }
    return removed
  }

  #remove(row: number): void {
    this.#columns.remove(row)
    this.#touched.forget(row)
  }
}

const ROWS_IN_A_SLICE = 256
/** After that a series is one that nobody sends, and costs a look-up when it comes again. */
const IDLE_AFTER_MS = 3_600_000
