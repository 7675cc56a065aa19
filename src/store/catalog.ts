import type { SharedVersion } from '../lib/shared-version.ts'
import type { Slices } from '../lib/slices.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { SharedNames } from './catalog/catalog-columns.ts'
import type { PackedChildren } from './catalog/packed-children.ts'
import type { PackedServices } from './catalog/find-services.ts'
import type { PackedMetrics, PackedNodes, PackedSeries } from './catalog/packed-answers.ts'

/**
 * Which series there are. The names are a tree of dot-separated nodes; a pattern is a Graphite glob over it
 * (`*`, `?`, `[]`, `{}`, never across a dot; `**` as a node: any nodes). Tagged series are found by their whole key, by tag
 * expressions and by `metrics`, not in the tree. Every catalog passes catalog.conformance.ts.
 */
export interface Catalog {
  /** Makes a series known, or notes that it has been seen again, up to `newestMs`: left out, once. */
  touch(identity: SeriesIdentity, timeMs: number, newestMs?: number): void
  /** The same of all series of a flush, of which nobody changes the list. */
  touchAll(series: readonly SeriesIdentity[], timeMs: number): Slices<void>
  get(key: SeriesKey): CatalogEntry | undefined
  /** Whether there are series of this metric. An untyped series is a metric by itself. */
  hasMetric(key: SeriesKey, type: SeriesIdentity['metricType']): boolean
  /** Nodes of the tree that match, sorted by path. Throws the KymoError `too-many-results` past the limit. */
  findNodes(pattern: string, limit: number, choice?: NodeChoice): CatalogNode[]
  /** Series whose key matches, sorted by key: leaves of the tree, and a tagged series by its exact key. */
  findSeries(pattern: string, limit: number): CatalogEntry[]
  /**
   * Series for which all expressions hold, sorted by key; an untagged series has the tag `name` only. catalog/tag-term.ts says what an
   * expression is. Throws the KymoErrors `request-invalid`, `regex-invalid`, and `too-many-results` past the limit.
   */
  findSeriesByTags(expressions: readonly string[], limit: number): CatalogEntry[]
  /** Tags that series have, sorted; the first ones up to the limit. */
  tags(question: TagQuestion): string[]
  /** Values of a tag, sorted, and how many series have each; the first ones up to the limit. */
  tagValues(tag: string, question: TagQuestion): TagValue[]
  /** Metrics as they were sent, newest first seen first, each with its series; with `search` those whose key, tags included, has each of its words, whatever their case. */
  metrics(limit: number, search?: string): CatalogMetric[]
  /** Returns how many there were. */
  remove(keys: readonly SeriesKey[]): number
  /** The same in slices, as the answers are. */
  forget(keys: readonly SeriesKey[]): Promise<number>
  /** The same questions, for a thread that has other things to do. */
  readonly answers: CatalogAnswers
  readonly seriesCount: number
  readonly metricCount: number
  /** Goes up whenever a series comes, goes or becomes something else. */
  readonly version: SharedVersion
  /** With what another thread looks for names by itself (catalog/names-reader.ts); undefined: it has to ask. */
  readonly sharedNames?: SharedNames | undefined
}

/**
 * Questions to the catalog, answered in slices of a few milliseconds, of which there is one in each turn of the event loop. Series may
 * come and go in between: whatever there is all the while is found if it matches, and nothing is found that does not. Rejects with what the
 * question of the same name throws, and with the signal's reason once it aborts. The answers are columns, which go to another thread as
 * they are; catalog/packed-answers.ts unpacks them.
 */
export interface CatalogAnswers {
  findNodes(pattern: string, limit: number, choice?: NodeChoice, signal?: AbortSignal): Promise<PackedNodes>
  findSeries(pattern: string, limit: number, signal?: AbortSignal): Promise<PackedSeries>
  findSeriesByTags(expressions: readonly string[], limit: number, signal?: AbortSignal): Promise<PackedSeries>
  tags(question: TagQuestion, signal?: AbortSignal): Promise<string[]>
  tagValues(tag: string, question: TagQuestion, signal?: AbortSignal): Promise<TagValue[]>
  metrics(question: MetricsQuestion, signal?: AbortSignal): Promise<PackedMetrics>
  /** What the metrics belong to (model/service.ts), the newest first, at most so many. All metrics are looked at. */
  services(limit: number, signal?: AbortSignal): Promise<PackedServices>
  /** What is below a prefix, tagged series too, child by child as `childPathOf` has them; those past the limit are added up as others. */
  children(prefix: string, limit: number, signal?: AbortSignal): Promise<PackedChildren>
  /**
   * All series, page by page, in no order: whoever wants them all begins without a cursor and goes on with `next`. undefined: the catalog has been built anew, and
   * he has to begin again.
   */
  page(cursor: SeriesCursor | undefined, limit: number, signal?: AbortSignal): Promise<SeriesPage | undefined>
}

/** Which of the nodes that match are wanted. */
export interface NodeChoice {
  /**
   * Of nodes with one name, one is enough that is leaf and branch as the one whose path comes first. Others of that name may be left out; for
   * the limit they count.
   */
  readonly isOnePerName?: boolean
}

export interface SeriesCursor {
  readonly generation: number
  readonly row: number
}

export interface SeriesPage {
  readonly series: PackedSeries
  /** undefined: there are no more. */
  readonly next: SeriesCursor | undefined
}

/** Which metrics are wanted. */
export interface MetricsQuestion {
  readonly limit: number
  /** Words that are all in a metric's key; undefined: any metric. */
  readonly search?: string
}

/** Which tags or values are wanted. */
export interface TagQuestion {
  /** Of series for which these hold; none: of all. Tags that they are about are not answered. */
  readonly expressions?: readonly string[]
  readonly prefix?: string
  /** A regular expression, anchored where the text begins. */
  readonly filter?: string
  readonly limit: number
}

export interface TagValue {
  readonly value: string
  readonly count: number
}

export interface CatalogEntry {
  readonly identity: SeriesIdentity
  /** Time of the first and the newest point. */
  readonly firstSeenMs: number
  readonly lastSeenMs: number
}

export interface CatalogNode {
  /** `stats.counters` */
  readonly path: string
  /** `counters` */
  readonly name: string
  readonly isLeaf: boolean
  /** Has nodes below it. A node can be both. */
  readonly isBranch: boolean
  /** Of the series that a leaf is. */
  readonly seen?: SeenTimes
}

/** What is below a prefix. */
export interface CatalogChildren {
  /** In no order. */
  readonly children: readonly CatalogChild[]
  readonly others: { readonly series: number } & SeenTimes
}

export interface CatalogChild extends SeenTimes {
  /** See `childPathOf`. */
  readonly path: string
  /** It is a series itself. */
  readonly isLeaf: boolean
  /** There are series below it. It can be both. */
  readonly isBranch: boolean
  /** At it and below it. */
  readonly series: number
}

/** Of several series: time of the oldest and of the newest point that any has. Infinity and -Infinity: there is no series. */
export interface SeenTimes {
  readonly firstSeenMs: number
  readonly lastSeenMs: number
}

/** The metrics that share the first node of their names (`shop`), or the tag that says their service (`;service=shop`). */
export interface CatalogService extends SeenTimes {
  readonly prefix: string
  /** By its metrics' tags, sorted; the first that were found, if there are many. */
  readonly environments: readonly string[]
  readonly metricCount: number
  /** How many metrics there are of each type, the most first. */
  readonly types: readonly { readonly type: SeriesIdentity['metricType']; readonly count: number }[]
  /** The metric that shows best whether it is alive. */
  readonly pulse: CatalogMetric
}

export interface CatalogServices {
  readonly services: readonly CatalogService[]
  /** In all, as far as they are counted. */
  readonly count: number
}

export interface CatalogMetric {
  readonly metricKey: SeriesKey
  readonly metricType: SeriesIdentity['metricType']
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  readonly series: readonly SeriesIdentity[]
}
