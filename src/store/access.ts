import type { CatalogEntry, CatalogMetric, CatalogNode } from './catalog.ts'
import type { EngineReader } from './engine.ts'

/**
 * The store as queries see it: names are asked of the catalog, which may live in another thread, points are read by a
 * reader of this thread. Errors are KymoErrors, as the contracts of the catalog and the engine say.
 */
export interface StoreAccess {
  findNodes(pattern: string, limit: number): Promise<CatalogNode[]>
  findSeries(pattern: string, limit: number): Promise<CatalogEntry[]>
  /** Series that satisfy every expression (`dc=~eu.*`), sorted by key. Left out where the catalog cannot be asked so. */
  findSeriesByTags?(expressions: readonly string[], limit: number): Promise<CatalogEntry[]>
  metrics(limit: number): Promise<CatalogMetric[]>
  readonly reader: EngineReader
}
