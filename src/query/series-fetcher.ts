import type { SeriesKey } from '../model/series-key.ts'
import { parseSeriesKey } from '../model/series-key.ts'
import type { StoreAccess } from '../store/access.ts'
import type { CatalogEntry } from '../store/catalog.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { FetchWindow } from './fetch-window.ts'
import { fetchWindow } from './fetch-window.ts'
import type { QueryLimits } from './query-limits.ts'
import type { QuerySeries } from './query-series.ts'
import type { QueryWindow } from './query-window.ts'

/** Which series: those of a path with globs, or those whose tags match every expression. */
export type SeriesQuery =
  | { readonly kind: 'path'; readonly pattern: string }
  | { readonly kind: 'tags'; readonly expressions: readonly string[] }

/** Series over a window. `pathExpression` is what they are given for their own. */
export interface SeriesRequest {
  readonly query: SeriesQuery
  readonly pathExpression: string
  readonly window: QueryWindow
}

export interface FetchContext {
  readonly access: StoreAccess
  readonly limits: QueryLimits
  readonly signal: AbortSignal
  /** Of series that say nothing else. */
  readonly xFilesFactor?: number | undefined
}

/** Where the series of one query come from. */
export interface SeriesSource {
  fetch(requests: readonly SeriesRequest[]): Promise<void>
  /** Whether `series` can answer. */
  has(request: SeriesRequest): boolean
  series(request: SeriesRequest): QuerySeries[]
}

/**
 * Fetches series for one query, sorted by key within each request. Of what is asked for together, a pattern is looked up
 * once and each window is read once, in which each series stands once. Limits count over the whole life of the fetcher,
 * every request by itself.
 */
export class SeriesFetcher implements SeriesSource {
  readonly #context: FetchContext
  readonly #found = new Map<string, readonly CatalogEntry[]>()
  /** By window, then by series. */
  readonly #values = new Map<string, Map<SeriesKey, Float64Array>>()
  #seriesCount = 0
  #pointCount = 0

  constructor(context: FetchContext) {
    this.#context = context
  }

  /**
   * Reads what is not there yet. Throws the KymoErrors `too-many-series` and `too-many-points` before it reads, and those of
   * the catalog; ends with the signal's reason when it aborts.
   */
  async fetch(requests: readonly SeriesRequest[]): Promise<void> {
    const wanted = new Map<string, { window: FetchWindow; entries: Map<SeriesKey, CatalogEntry> }>()
    for (const { query, window: queryWindow } of requests) {
      const entries = await this.#find(query)
      const window = fetchWindow(queryWindow)
      this.#count(entries.length, window)
      const key = fetchKey(window)
      const group = wanted.get(key) ?? { window, entries: new Map() }
      wanted.set(key, group)
      for (const entry of entries) group.entries.set(entry.identity.key, entry)
    }
    for (const [key, { window, entries }] of wanted) {
      const values = this.#values.get(key) ?? new Map<SeriesKey, Float64Array>()
      this.#values.set(key, values)
      await this.#read(
        [...entries.values()].filter(({ identity }) => !values.has(identity.key)),
        window,
        values,
      )
    }
  }

  has({ query, window }: SeriesRequest): boolean {
    return this.#found.has(queryKey(query)) && this.#values.has(fetchKey(fetchWindow(window)))
  }

  /** The series of a request that has been fetched. */
  series({ query, pathExpression, window: queryWindow }: SeriesRequest): QuerySeries[] {
    const entries = this.#found.get(queryKey(query))
    if (entries === undefined) throw new Error('BUG: series are asked for that have not been fetched')
    const window = fetchWindow(queryWindow)
    const values = this.#values.get(fetchKey(window))
    return entries.map(({ identity }) => ({
      name: identity.key,
      pathExpression,
      tags: tagsOf(identity.key),
      startSeconds: window.startSeconds,
      endSeconds: window.endSeconds,
      stepSeconds: window.stepSeconds,
      values: values?.get(identity.key) ?? new Float64Array(window.slotCount).fill(Number.NaN),
      consolidation: 'average',
      xFilesFactor: this.#context.xFilesFactor ?? 0,
    }))
  }

  async #find(query: SeriesQuery): Promise<readonly CatalogEntry[]> {
    const { access, limits, signal } = this.#context
    signal.throwIfAborted()
    const key = queryKey(query)
    const known = this.#found.get(key)
    if (known !== undefined) return known
    const entries =
      query.kind === 'path'
        ? await access.findSeries(query.pattern, limits.maxSeries)
        : await access.findSeriesByTags(query.expressions, limits.maxSeries)
    this.#found.set(key, entries)
    return entries
  }

  #count(seriesCount: number, window: FetchWindow): void {
    const { maxSeries, maxPoints } = this.#context.limits
    this.#seriesCount += seriesCount
    this.#pointCount += seriesCount * window.slotCount
    if (this.#seriesCount > maxSeries) throw new KymoError('too-many-series', { limit: maxSeries })
    if (this.#pointCount > maxPoints) {
      throw new KymoError('too-many-points', { points: this.#pointCount, limit: maxPoints })
    }
  }

  async #read(
    entries: readonly CatalogEntry[],
    window: FetchWindow,
    values: Map<SeriesKey, Float64Array>,
  ): Promise<void> {
    if (entries.length === 0) return
    const { access, signal } = this.#context
    const startMs = window.startSeconds * 1000
    const stepMs = window.stepSeconds * 1000
    // The window's consolidation is not passed on yet: engines choose by each series' own rollup.
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
  }
}

function queryKey(query: SeriesQuery): string {
  return query.kind === 'path' ? `p${query.pattern}` : `t${JSON.stringify(query.expressions)}`
}

function fetchKey({ startSeconds, endSeconds, stepSeconds }: FetchWindow): string {
  return `${startSeconds},${endSeconds},${stepSeconds}`
}

/** The tags of the key, and its name as the tag `name`, which wins. Without a prototype: any text is a tag. */
function tagsOf(key: SeriesKey): Record<string, string> {
  const { name, tags } = parseSeriesKey(key)
  const record = Object.create(null) as Record<string, string>
  for (const [tag, value] of tags) record[tag] = value
  record.name = name
  return record
}
