import type { DeletionReport, SeriesDeletion } from '../api/services.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { CatalogEntry } from '../store/catalog.ts'
import { unpackSeries, type OpenStore } from '../store/index.ts'

/** Found at once, at most: more than a store has series in one place by reason. */
const MOST_SERIES = 1_000_000
/** Shown of those that are found. */
const SHOWN_NAMES = 100

/**
 * Removes points of series, and the names of those that keep none; or tells only what would be removed. Throws the KymoErrors of finding and
 * of writing: `too-many-results`, `regex-invalid`, `request-invalid`, `store-write-failed`.
 */
export async function deleteSeries(
  { engine, catalog }: OpenStore,
  { patterns, expressions, range, isDryRun }: SeriesDeletion,
): Promise<DeletionReport> {
  const found = new Map<SeriesKey, CatalogEntry>()
  const add = (entries: readonly CatalogEntry[]): void => {
    for (const entry of entries) found.set(entry.identity.key, entry)
  }
  for (const pattern of patterns) add(unpackSeries(await catalog.answers.findSeries(pattern, MOST_SERIES)))
  if (expressions.length > 0)
    add(unpackSeries(await catalog.answers.findSeriesByTags(expressions, MOST_SERIES)))
  const inRange = [...found.values()].filter(
    ({ firstSeenMs, lastSeenMs }) => lastSeenMs >= range.startMs && firstSeenMs < range.endMs,
  )
  const keys = inRange.map(({ identity }) => identity.key).sort()
  const report = { series: keys.length, names: keys.slice(0, SHOWN_NAMES) }
  if (isDryRun || keys.length === 0) return { ...report, deleted: 0 }
  const deleted = await engine.delete(keys, range)
  // Others keep their names: points of theirs are left.
  const gone = inRange.filter(
    ({ firstSeenMs, lastSeenMs }) => firstSeenMs >= range.startMs && lastSeenMs < range.endMs,
  )
  catalog.remove(gone.map(({ identity }) => identity.key))
  return { ...report, deleted }
}
