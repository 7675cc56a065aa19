import type { SeriesKey } from '../model/series-key.ts'
import { parseSeriesKey } from '../model/series-key.ts'
import type { StoreAccess } from '../store/access.ts'
import type { CatalogEntry } from '../store/catalog.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { FetchWindow } from './fetch-window.ts'
import type { QueryLimits } from './query-limits.ts'
import type { QuerySeries } from './query-series.ts'

export interface FetchContext {
  readonly access: StoreAccess
  readonly limits: QueryLimits
  readonly signal: AbortSignal
}

/**
 * Fetches the series of all patterns, sorted by key within each, with one read of the engine: a series that several
 * patterns match is read once. Throws the KymoErrors `too-many-series` and `too-many-points` before it reads, and
 * those of the catalog; ends with the signal's reason when it aborts.
 */
export async function fetchSeries(
  patterns: readonly string[],
  window: FetchWindow,
  context: FetchContext,
): Promise<Map<string, QuerySeries[]>> {
  const found = await findEntries(patterns, window, context)
  const entries = new Map<SeriesKey, CatalogEntry>()
  for (const matches of found.values()) for (const entry of matches) entries.set(entry.identity.key, entry)
  const values = await readValues([...entries.values()], window, context)
  return new Map(
    [...found].map(([pattern, matches]) => [
      pattern,
      matches.map(({ identity }) => createSeries(identity.key, pattern, window, values.get(identity.key))),
    ]),
  )
}

async function findEntries(
  patterns: readonly string[],
  window: FetchWindow,
  { access, limits, signal }: FetchContext,
): Promise<Map<string, CatalogEntry[]>> {
  const found = new Map<string, CatalogEntry[]>()
  let seriesCount = 0
  for (const pattern of patterns) {
    signal.throwIfAborted()
    const entries = found.get(pattern) ?? (await access.findSeries(pattern, limits.maxSeries))
    found.set(pattern, entries)
    seriesCount += entries.length
    if (seriesCount > limits.maxSeries) throw new KymoError('too-many-series', { limit: limits.maxSeries })
    const points = seriesCount * window.slotCount
    if (points > limits.maxPoints) throw new KymoError('too-many-points', { points, limit: limits.maxPoints })
  }
  return found
}

async function readValues(
  entries: readonly CatalogEntry[],
  window: FetchWindow,
  { access, signal }: FetchContext,
): Promise<Map<SeriesKey, Float64Array>> {
  const values = new Map<SeriesKey, Float64Array>()
  if (entries.length === 0) return values
  const startMs = window.startSeconds * 1000
  const stepMs = window.stepSeconds * 1000
  const request = {
    series: entries.map(({ identity }) => ({ key: identity.key, rollup: identity.rollup })),
    range: { startMs, endMs: window.endSeconds * 1000 },
    stepMs,
  }
  for await (const chunk of access.reader.read(request, signal)) {
    signal.throwIfAborted()
    const offset = (chunk.startMs - startMs) / stepMs
    if (chunk.stepMs !== stepMs || !Number.isInteger(offset))
      throw new Error('BUG: a chunk of other slots than asked for')
    if (offset < 0 || offset + chunk.values.length > window.slotCount)
      throw new Error('BUG: a chunk outside the range')
    let whole = values.get(chunk.key)
    if (whole === undefined) {
      whole = new Float64Array(window.slotCount).fill(Number.NaN)
      values.set(chunk.key, whole)
    }
    whole.set(chunk.values, offset)
  }
  return values
}

function createSeries(
  key: SeriesKey,
  pathExpression: string,
  window: FetchWindow,
  values: Float64Array | undefined,
): QuerySeries {
  return {
    name: key,
    pathExpression,
    tags: tagsOf(key),
    startSeconds: window.startSeconds,
    endSeconds: window.endSeconds,
    stepSeconds: window.stepSeconds,
    values: values ?? new Float64Array(window.slotCount).fill(Number.NaN),
    consolidation: 'average',
    xFilesFactor: 0,
  }
}

/** The tags of the key, and its name as the tag `name`, which wins. Without a prototype: any text is a tag. */
function tagsOf(key: SeriesKey): Record<string, string> {
  const { name, tags } = parseSeriesKey(key)
  const record = Object.create(null) as Record<string, string>
  for (const [tag, value] of tags) record[tag] = value
  record.name = name
  return record
}
