import type { SeriesKey } from '../model/series-key.ts'
import { parseSeriesKey } from '../model/series-key.ts'
import type { StoreAccess } from '../store/access.ts'
import type { CatalogEntry } from '../store/catalog.ts'
import type { SlotRollup } from '../store/engine.ts'
import type { SeriesLevel } from '../store/rules/index.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { FetchWindow } from './fetch-window.ts'
import { fetchWindow } from './fetch-window.ts'
import type { QueryLimits } from './query-limits.ts'
import type { Consolidation, QuerySeries } from './query-series.ts'
import { type QueryWindow, windowKey } from './query-window.ts'

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

/** What is asked of the store for some series. */
interface SeriesPlan {
  /** The same for equal ones. */
  readonly name: string
  readonly window: FetchWindow
  readonly level: SeriesLevel | undefined
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
  /** Looks series up, so that their steps are known before anything is read. */
  find(queries: readonly SeriesQuery[]): Promise<void>
  /** Seconds between points of the coarsest of the series that were found; of no series, those of the window. */
  stepSeconds(query: SeriesQuery, window: QueryWindow): number
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
  /** By what is asked of the store, then by series. */
  readonly #values = new Map<string, Map<SeriesKey, Float64Array>>()
  readonly #plans = new Map<string, SeriesPlan>()
  readonly #fetched = new Set<string>()
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
    const wanted = new Map<string, { plan: SeriesPlan; entries: Map<SeriesKey, CatalogEntry> }>()
    for (const { query, window } of requests) {
      for (const entry of await this.#find(query)) {
        const plan = this.#planOf(entry, window)
        this.#count(plan.window)
        const group = wanted.get(plan.name) ?? { plan, entries: new Map() }
        wanted.set(plan.name, group)
        group.entries.set(entry.identity.key, entry)
      }
      this.#fetched.add(requestKey(query, window))
    }
    for (const [name, { plan, entries }] of wanted) {
      const values = this.#values.get(name) ?? new Map<SeriesKey, Float64Array>()
      this.#values.set(name, values)
      const missing = [...entries.values()].filter(({ identity }) => !values.has(identity.key))
      await this.#read(missing, plan, values)
    }
  }

  async find(queries: readonly SeriesQuery[]): Promise<void> {
    for (const query of queries) await this.#find(query)
  }

  stepSeconds(query: SeriesQuery, window: QueryWindow): number {
    const { levels } = this.#context.access
    const entries = this.#found.get(queryKey(query)) ?? []
    if (levels === undefined || entries.length === 0) return window.stepSeconds
    return entries.reduce(
      (coarsest, { identity }) =>
        Math.max(coarsest, levels.levelOf(identity, window.fromSeconds).stepSeconds),
      1,
    )
  }

  has({ query, window }: SeriesRequest): boolean {
    return this.#fetched.has(requestKey(query, window))
  }

  /** The series of a request that has been fetched. */
  series({ query, pathExpression, window: queryWindow }: SeriesRequest): QuerySeries[] {
    const entries = this.#found.get(queryKey(query))
    if (entries === undefined) throw new Error('BUG: series are asked for that have not been fetched')
    return entries.map((entry) => {
      const { name, window } = this.#planOf(entry, queryWindow)
      const { key } = entry.identity
      return {
        name: key,
        pathExpression,
        tags: tagsOf(key),
        startSeconds: window.startSeconds,
        endSeconds: window.endSeconds,
        stepSeconds: window.stepSeconds,
        values: this.#values.get(name)?.get(key) ?? new Float64Array(window.slotCount).fill(Number.NaN),
        consolidation: 'average',
        xFilesFactor: this.#context.xFilesFactor ?? 0,
      }
    })
  }

  /** From which level of the store a series is read for a window, and which of its slots. */
  #planOf({ identity }: CatalogEntry, queryWindow: QueryWindow): SeriesPlan {
    const level = this.#context.access.levels?.levelOf(identity, queryWindow.fromSeconds)
    if (level === undefined) {
      const window = fetchWindow(queryWindow)
      return this.#plans.get(windowName(window)) ?? this.#keep({ name: windowName(window), window, level })
    }
    const fromSeconds = Math.max(queryWindow.fromSeconds, level.keptFromSeconds)
    const window = fetchWindow({ ...queryWindow, fromSeconds, stepSeconds: level.stepSeconds })
    const rollup = rollupOf(level, queryWindow.consolidation)
    const name = `${windowName(window)},${level.tierStepsMs.length},${level.fewestPoints ?? ''},${level.pointsPerSlot},${rollup}`
    return this.#plans.get(name) ?? this.#keep({ name, window, level: { ...level, rollup } })
  }

  #keep(plan: SeriesPlan): SeriesPlan {
    this.#plans.set(plan.name, plan)
    return plan
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

  #count(window: FetchWindow): void {
    const { maxSeries, maxPoints } = this.#context.limits
    this.#seriesCount += 1
    this.#pointCount += window.slotCount
    if (this.#seriesCount > maxSeries) throw new KymoError('too-many-series', { limit: maxSeries })
    if (this.#pointCount > maxPoints) {
      throw new KymoError('too-many-points', { points: this.#pointCount, limit: maxPoints })
    }
  }

  async #read(
    entries: readonly CatalogEntry[],
    { window, level }: SeriesPlan,
    values: Map<SeriesKey, Float64Array>,
  ): Promise<void> {
    if (entries.length === 0) return
    const { access, signal } = this.#context
    const startMs = window.startSeconds * 1000
    const stepMs = window.stepSeconds * 1000
    const request = {
      series: entries.map(({ identity: { key, rollup } }) =>
        level === undefined
          ? { key, rollup }
          : {
              key,
              rollup: level.rollup,
              tierStepsMs: level.tierStepsMs,
              pointsPerSlot: level.pointsPerSlot,
              ...(level.fewestPoints === undefined ? {} : { fewestPoints: level.fewestPoints }),
            },
      ),
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

function requestKey(query: SeriesQuery, window: QueryWindow): string {
  return `${windowKey(window)} ${queryKey(query)}`
}

function windowName({ startSeconds, endSeconds, stepSeconds }: FetchWindow): string {
  return `${startSeconds},${endSeconds},${stepSeconds}`
}

/** What makes slots of a tier is what makes fewer points of many, where the query says so. */
function rollupOf(
  { rollup, tierStepsMs }: SeriesLevel,
  consolidation: Consolidation | undefined,
): SlotRollup {
  if (consolidation === undefined || tierStepsMs.length === 0) return rollup
  return ROLLUPS[consolidation] ?? rollup
}

const ROLLUPS: Partial<Readonly<Record<Consolidation, SlotRollup>>> = {
  avg_zero: 'avg_zero',
  average: 'mean',
  sum: 'sum',
  max: 'max',
  min: 'min',
  last: 'last',
}

/** The tags of the key, and its name as the tag `name`, which wins. Without a prototype: any text is a tag. */
function tagsOf(key: SeriesKey): Record<string, string> {
  const { name, tags } = parseSeriesKey(key)
  const record = Object.create(null) as Record<string, string>
  for (const [tag, value] of tags) record[tag] = value
  record.name = name
  return record
}
