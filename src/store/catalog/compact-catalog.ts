import { type Clock, systemClock } from '../../lib/clock.ts'
import { release } from '../../lib/grow.ts'
import { ExpectedOrder } from '../../lib/expected-order.ts'
import { ListNumbers } from '../../lib/list-numbers.ts'
import { SharedVersion } from '../../lib/shared-version.ts'
import { SliceQueue } from '../../lib/slice-queue.ts'
import { atOnce, type Slices } from '../../lib/slices.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type {
  Catalog,
  CatalogAnswers,
  CatalogEntry,
  CatalogMetric,
  CatalogNode,
  NodeChoice,
  SeriesCursor,
  SeriesPage,
  MetricsQuestion,
  TagQuestion,
  TagValue,
} from '../catalog.ts'
import { CatalogColumns, type SharedNames } from './catalog-columns.ts'
import { findSeriesByTags } from './find-by-tags.ts'
import { findChildren } from './find-children.ts'
import { findServices } from './find-services.ts'
import { findTags, findTagValues } from './find-tags.ts'
import { findNodesInTree, findSeriesInTree } from './find-in-tree.ts'
import { NewestMetrics } from './newest-metrics.ts'
import {
  type PackedMetrics,
  type PackedNodes,
  type PackedSeries,
  SeriesPacker,
  unpackMetrics,
  unpackNodes,
  unpackSeries,
} from './packed-answers.ts'
import { Rebuild } from './rebuild.ts'

/**
 * The catalog in memory, as columns; see decision 11. What takes long can be had in slices, between which series come and go: what is
 * found then was there when its slice was done.
 */
export class CompactCatalog implements Catalog {
  readonly answers: CatalogAnswers
  readonly version = new SharedVersion()
  readonly #leastGarbage: number
  readonly #work: SliceQueue
  #columns = new CatalogColumns()
  /** The version of the columns that others know of. */
  #toldVersion = 0
  /** Goes up when others take the place of the columns. */
  #generation = 0
  /** Columns that are to take the place of these. */
  #rebuild: Rebuild | undefined
  /** Fast path: rows of the identities that were touched, which are the same objects from batch to batch. */
  #touched = new ExpectedOrder<SeriesIdentity>()
  /** Faster still: those of a flush are nearly the same list. */
  readonly #flushed = new ListNumbers<SeriesIdentity>()
  /** Time of the newest point that was touched. */
  #newestMs = Number.NEGATIVE_INFINITY
  readonly #newest = new NewestMetrics()

  constructor({ clock = systemClock, leastGarbage = 1 << 16 }: CompactCatalogOptions = {}) {
    this.#leastGarbage = leastGarbage
    const work = new SliceQueue(() => clock.monotonicMs())
    this.#work = work
    this.answers = {
      findNodes: (pattern, limit, choice, signal) =>
        work.run(this.#findNodes(pattern, limit, choice), signal),
      findSeries: (pattern, limit, signal) => work.run(this.#findSeries(pattern, limit), signal),
      findSeriesByTags: (expressions, limit, signal) =>
        work.run(this.#findSeriesByTags(expressions, limit), signal),
      tags: (question, signal) => work.run(this.#findTags(question), signal),
      tagValues: (tag, question, signal) => work.run(this.#findTagValues(tag, question), signal),
      metrics: (question, signal) => work.run(this.#findMetrics(question), signal),
      services: (limit, signal) =>
        work.run(
          this.#find((columns) => findServices(columns, limit)),
          signal,
        ),
      children: (prefix, limit, signal) =>
        work.run(
          this.#find((columns) => findChildren(columns, prefix, limit)),
          signal,
        ),
      page: (cursor, limit, signal) => work.run(this.#page(cursor, limit), signal),
    }
  }

  get seriesCount(): number {
    return this.#columns.rows.size
  }

  get metricCount(): number {
    return this.#columns.metrics.size
  }

  get sharedNames(): SharedNames | undefined {
    return this.#columns.shared
  }

  /** Columns are being built anew, without what has gone. */
  get isBeingRebuilt(): boolean {
    return this.#rebuild !== undefined
  }

  hasMetric(key: SeriesKey, type: SeriesIdentity['metricType']): boolean {
    if (this.#columns.metrics.has(type, key)) return true
    // A series that is a metric by itself has no name among these.
    const identity = this.get(key)?.identity
    return identity?.metricType === type && identity.metricKey === key
  }

  touch(identity: SeriesIdentity, timeMs: number, newestMs = timeMs): void {
    let row = this.#touched.next(identity)
    if (row < 0) {
      row = this.#use(identity, timeMs)
      this.#touched.learn(identity, row)
    }
    this.#see(row, timeMs)
    if (newestMs > timeMs) this.#see(row, newestMs)
    if (newestMs > this.#newestMs) this.#newestMs = newestMs
  }

  *touchAll(series: readonly SeriesIdentity[], timeMs: number): Slices<void> {
    if (series.length > 0 && timeMs > this.#newestMs) this.#newestMs = timeMs
    yield* this.#flushed.follow(
      series,
      (identity) => this.#use(identity, timeMs),
      (row) => this.#see(row, timeMs),
    )
  }

  /** It has points from the one time to the other. For series that are not in use: nothing is remembered of the object. */
  note(identity: SeriesIdentity, firstMs: number, lastMs: number): void {
    const row = this.#use(identity, firstMs)
    this.#see(row, firstMs)
    this.#see(row, lastMs)
  }

  get(key: SeriesKey): CatalogEntry | undefined {
    const row = this.#columns.find(key)
    return row < 0 ? undefined : this.#columns.entryOf(row, key)
  }

  findNodes(pattern: string, limit: number, choice?: NodeChoice): CatalogNode[] {
    return unpackNodes(atOnce(this.#findNodes(pattern, limit, choice)))
  }

  findSeries(pattern: string, limit: number): CatalogEntry[] {
    return unpackSeries(atOnce(this.#findSeries(pattern, limit)))
  }

  findSeriesByTags(expressions: readonly string[], limit: number): CatalogEntry[] {
    return unpackSeries(atOnce(this.#findSeriesByTags(expressions, limit)))
  }

  tags(question: TagQuestion): string[] {
    return atOnce(this.#findTags(question))
  }

  tagValues(tag: string, question: TagQuestion): TagValue[] {
    return atOnce(this.#findTagValues(tag, question))
  }

  metrics(limit: number, search?: string): CatalogMetric[] {
    const question = { limit, ...(search !== undefined && { search }) }
    return unpackMetrics(atOnce(this.#findMetrics(question)))
  }

  remove(keys: readonly SeriesKey[]): number {
    const removed = atOnce(this.#removeKeys(keys))
    this.#rebuildIfWorthwhile()
    return removed
  }

  async forget(keys: readonly SeriesKey[]): Promise<number> {
    const removed = await this.#work.run(this.#removeKeys(keys))
    this.#rebuildIfWorthwhile()
    return removed
  }

  /** Forgets the series that have no point as new as `timeMs`; returns how many there were. */
  removeUnseenSince(timeMs: number): number {
    const removed = atOnce(this.#removeUnseen(timeMs))
    this.#rebuildIfWorthwhile()
    return removed
  }

  /** The same in slices. */
  async forgetUnseenSince(timeMs: number): Promise<number> {
    const removed = await this.#work.run(this.#removeUnseen(timeMs))
    this.#rebuildIfWorthwhile()
    return removed
  }

  #use(identity: SeriesIdentity, timeMs: number): number {
    const row = this.#columns.use(identity, timeMs)
    this.#tellVersion()
    this.#rebuild?.used(row)
    return row
  }

  #see(row: number, timeMs: number): void {
    this.#columns.see(row, timeMs)
    if (this.#rebuild !== undefined) this.#rebuild.seen(row, timeMs)
  }

  #remove(row: number): void {
    this.#rebuild?.removed(row)
    this.#columns.remove(row)
    this.#touched.forget(row)
    this.#flushed.forget(row)
    this.#tellVersion()
  }

  #tellVersion(): void {
    const { version } = this.#columns
    if (version === this.#toldVersion) return
    this.#toldVersion = version
    this.version.raise()
  }

  #findNodes(pattern: string, limit: number, choice: NodeChoice = {}): Slices<PackedNodes> {
    return this.#find((columns) => findNodesInTree(columns, pattern, limit, choice))
  }

  #findSeries(pattern: string, limit: number): Slices<PackedSeries> {
    return this.#find((columns) => findSeriesInTree(columns, pattern, limit))
  }

  #findSeriesByTags(expressions: readonly string[], limit: number): Slices<PackedSeries> {
    return this.#find((columns) => findSeriesByTags(columns, expressions, limit))
  }

  #findTags(question: TagQuestion): Slices<string[]> {
    return this.#find((columns) => findTags(columns, question))
  }

  #findTagValues(tag: string, question: TagQuestion): Slices<TagValue[]> {
    return this.#find((columns) => findTagValues(columns, tag, question))
  }

  #findMetrics(question: MetricsQuestion): Slices<PackedMetrics> {
    return this.#find((columns) => this.#newest.find(columns, question))
  }

  *#page(cursor: SeriesCursor | undefined, limit: number): Slices<SeriesPage | undefined> {
    const generation = this.#generation
    if (cursor !== undefined && cursor.generation !== generation) return undefined
    const packer = new SeriesPacker(this.#columns)
    let row = cursor?.row ?? 0
    for (let steps = 1; row < this.#columns.rows.limit && packer.count < limit; row++, steps++) {
      if (steps % ROWS_PACKED_IN_A_SLICE === 0) yield
      if (generation !== this.#generation) return undefined
      if (this.#columns.rows.has(row)) packer.add(row, this.#columns.keyOf(row))
    }
    const isEnd = row >= this.#columns.rows.limit
    return { series: packer.finish(), next: isEnd ? undefined : { generation, row } }
  }

  /** From the beginning if others take the place of the columns meanwhile. */
  *#find<Found>(find: (columns: CatalogColumns) => Slices<Found>): Slices<Found> {
    for (;;) {
      const columns = this.#columns
      const slices = find(columns)
      try {
        while (columns === this.#columns) {
          const step = slices.next()
          if (step.done === true) return step.value
          yield
        }
      } finally {
        slices.return(undefined as never)
      }
    }
  }

  *#removeKeys(keys: readonly SeriesKey[]): Slices<number> {
    let removed = 0
    for (const [place, key] of keys.entries()) {
      if (place % KEYS_IN_A_SLICE === KEYS_IN_A_SLICE - 1) yield
      const row = this.#columns.find(key)
      if (row < 0) continue
      this.#remove(row)
      removed++
    }
    return removed
  }

  *#removeUnseen(timeMs: number): Slices<number> {
    let removed = 0
    let columns = this.#columns
    for (let row = 0; row < this.#columns.rows.limit; row++) {
      if (row % ROWS_IN_A_SLICE === ROWS_IN_A_SLICE - 1) yield
      if (columns !== this.#columns) {
        columns = this.#columns
        row = 0
      }
      if (!columns.rows.has(row)) continue
      const lastSeenMs = columns.rows.lastSeenMs[row] as number
      // The object of a series that nobody sends any more is not held for ever.
      if (lastSeenMs < this.#newestMs - IDLE_AFTER_MS) this.#touched.forget(row)
      if (lastSeenMs >= timeMs) continue
      this.#remove(row)
      removed++
    }
    return removed
  }

  #rebuildIfWorthwhile(): void {
    if (this.#rebuild !== undefined || this.#columns.garbage < this.#leastGarbage) return
    if (this.#columns.garbage * 2 <= this.#columns.rows.size) return
    const rebuild = new Rebuild(this.#columns)
    this.#rebuild = rebuild
    void this.#work.run(this.#takeOver(rebuild))
  }

  *#takeOver(rebuild: Rebuild): Slices<void> {
    this.#touched = yield* rebuild.run(this.#touched)
    const old = this.#columns
    this.#columns = rebuild.columns
    old.retire()
    this.#flushed.clear()
    this.#toldVersion = rebuild.columns.version
    this.#generation++
    this.#rebuild = undefined
    // The system takes its time for each, and nobody looks at them any more.
    for (const column of old.columns) {
      yield
      release(column)
    }
  }
}

export interface CompactCatalogOptions {
  readonly clock?: Pick<Clock, 'monotonicMs'>
  /** Memory of so many series that went is not given back; see `garbage` of the columns. */
  readonly leastGarbage?: number
}

const ROWS_IN_A_SLICE = 256
const ROWS_PACKED_IN_A_SLICE = 64
const KEYS_IN_A_SLICE = 32
/** After that a series is one that nobody sends, and costs a look-up when it comes again. */
const IDLE_AFTER_MS = 3_600_000
