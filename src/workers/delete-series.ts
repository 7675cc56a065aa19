import type { DeletionReport, SeriesDeletion } from '../api/services.ts'
import { nextEventLoopTurn } from '../lib/clock.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { aroundBucket, BUCKET_PLACES, nodesOfPlace } from '../model/stored-bucket.ts'
import type { Catalog, CatalogEntry } from '../store/catalog.ts'
import { unpackSeries, type OpenStore } from '../store/index.ts'
import type { StoreWriter } from './store-writer.ts'

/** Found at once, at most: more than a store has series in one place by reason. */
const MOST_SERIES = 1_000_000
/** Shown of those that are found. */
const SHOWN_NAMES = 100

/**
 * Removes points of series, and the names of those that keep none; or tells only what would be removed. With the counts of a timer goes its sketch. Throws the KymoErrors of finding and
 * of writing: `too-many-results`, `regex-invalid`, `request-invalid`, `store-write-failed`. `writer`: left out, nobody else writes.
 */
export async function deleteSeries(
  { engine, catalog }: OpenStore,
  { patterns, expressions, range, isDryRun }: SeriesDeletion,
  writer: Pick<StoreWriter, 'alone'> = { alone: (change) => change() },
): Promise<DeletionReport> {
  const found = new Map<SeriesKey, CatalogEntry>()
  const add = (entries: readonly CatalogEntry[]): void => {
    for (const entry of entries) found.set(entry.identity.key, entry)
  }
  for (const pattern of patterns) add(unpackSeries(await catalog.answers.findSeries(pattern, MOST_SERIES)))
  if (expressions.length > 0)
    add(unpackSeries(await catalog.answers.findSeriesByTags(expressions, MOST_SERIES)))
  const named = [...found.values()]
  for (const entry of named) add(await sketchOf(entry, catalog))
  const inRange = [...found.values()].filter(
    ({ firstSeenMs, lastSeenMs }) => lastSeenMs >= range.startMs && firstSeenMs < range.endMs,
  )
  const keys = inRange.map(({ identity }) => identity.key).sort()
  const report = { series: keys.length, names: keys.slice(0, SHOWN_NAMES) }
  if (isDryRun || keys.length === 0) return { ...report, deleted: 0 }
  // Others keep their names: points of theirs are left.
  const gone = inRange.filter(
    ({ firstSeenMs, lastSeenMs }) => firstSeenMs >= range.startMs && lastSeenMs < range.endMs,
  )
  const deleted = await writer.alone(async () => {
    const count = await engine.delete(keys, range)
    catalog.remove(gone.map(({ identity }) => identity.key))
    return count
  })
  return { ...report, deleted }
}

/** Series of the buckets of a timer, where the entry is that of its counts. */
async function sketchOf({ identity }: CatalogEntry, catalog: Catalog): Promise<CatalogEntry[]> {
  const around = aroundBucket(identity)
  if (around === undefined) return []
  const [before, behind] = around
  if (!/[*?[\]{};]/.test(before + behind)) {
    const found = unpackSeries(await catalog.answers.findSeries(`${before}sketch.*${behind}`, BUCKET_PLACES))
    return found.filter((entry) => entry.identity.statistic === 'bucket')
  }
  // No pattern says just these.
  await nextEventLoopTurn()
  return Array.from(
    { length: BUCKET_PLACES },
    (_, place) => `${before}${nodesOfPlace(place)}${behind}`,
  ).flatMap((key) => catalog.get(key) ?? [])
}
