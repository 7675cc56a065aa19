import type { SeriesIdentity } from '../model/series-identity.ts'
import type {
  CatalogChildren,
  CatalogEntry,
  CatalogMetric,
  CatalogNode,
  CatalogServices,
  MetricsQuestion,
  NodeChoice,
  TagQuestion,
  TagValue,
} from './catalog.ts'
import type { EngineReader } from './engine.ts'
import type { EventQuery } from './events.ts'
import type { SeriesLevels } from './rules/index.ts'

/** Which series: those of a path with globs, or those whose tags match every expression. */
export type SeriesQuery =
  | { readonly kind: 'path'; readonly pattern: string }
  | { readonly kind: 'tags'; readonly expressions: readonly string[] }

/**
 * The store as queries see it: names are asked of the catalog, which may live in another thread, points are read by a
 * reader of this thread. Errors are KymoErrors, as the contracts of the catalog and the engine say.
 */
export interface StoreAccess {
  findNodes(pattern: string, limit: number, choice?: NodeChoice): Promise<CatalogNode[]>
  findSeries(pattern: string, limit: number): Promise<CatalogEntry[]>
  /** `seriesByTag`: the expressions are those of graphite-web, `env=prod`, `host!=~web.*`. */
  findSeriesByTags(expressions: readonly string[], limit: number): Promise<CatalogEntry[]>
  /**
   * Who the series are that are found, by path or by tags, sorted by key: quicker than the two above where the same is asked for
   * again. Without it they are asked.
   */
  identify?(query: SeriesQuery, limit: number): Promise<readonly SeriesIdentity[]>
  tags(question: TagQuestion): Promise<string[]>
  tagValues(tag: string, question: TagQuestion): Promise<TagValue[]>
  metrics(question: MetricsQuestion): Promise<CatalogMetric[]>
  /** What the metrics belong to, the newest first, at most so many; without it nobody can ask for that. */
  services?(limit: number): Promise<CatalogServices>
  /** What is below a prefix, child by child; without it nobody can ask for that. */
  children?(prefix: string, limit: number): Promise<CatalogChildren>
  /** When the events were that match, in milliseconds, newest first; without it there are none. */
  findEventTimes?(query: EventQuery): Promise<readonly number[]>
  readonly reader: EngineReader
  /** From where series are read; without it all are in one step. */
  readonly levels?: SeriesLevels
}
