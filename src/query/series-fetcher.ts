import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { parseSeriesKey } from '../model/series-key.ts'
import type { SeriesQuery, StoreAccess } from '../store/access.ts'
import type { SeriesChunk, SeriesToRead } from '../store/engine.ts'
import type { SeriesLevel } from '../store/rules/index.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { FetchWindow } from './fetch-window.ts'
import { planSeries, type SeriesPart, type SeriesPlan } from './plan-series.ts'
import type { QueryLimits } from './query-limits.ts'
import type { QuerySeries } from './query-series.ts'
import { type QueryWindow, windowKey } from './query-window.ts'

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
  /** Whether older parts of a window may come in finer slots than the store has them (`stitch=1`). */
  readonly isStitched?: boolean
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
  readonly #found = new Map<string, readonly SeriesIdentity[]>()
  /** By what is asked of the store, then by series. */
  readonly #values = new Map<SeriesPlan, Map<SeriesKey, Float64Array>>()
  readonly #plans = new Map<string, SeriesPlan>()
  /** By request: its series, and the plan of each. */
  readonly #planned = new Map<
    string,
    { readonly series: readonly SeriesIdentity[]; readonly plans: readonly SeriesPlan[] }
  >()
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
    const wanted = new Map<SeriesPlan, Map<SeriesKey, SeriesIdentity>>()
    for (const { query, window } of requests) {
      const series = await this.#find(query)
      const planned = this.#planAll(series, window)
      this.#planned.set(requestKey(query, window), { series, plans: planned })
      for (const [index, plan] of planned.entries()) {
        const identity = series[index] as SeriesIdentity
        this.#count(plan.window, shareOf(identity))
        let group = wanted.get(plan)
        if (group === undefined) wanted.set(plan, (group = new Map()))
        group.set(identity.key, identity)
      }
    }
    for (const [plan, series] of wanted) {
      const values = this.#values.get(plan) ?? new Map<SeriesKey, Float64Array>()
      this.#values.set(plan, values)
      const missing = [...series.values()].filter(({ key }) => !values.has(key))
      await this.#read(missing, plan, values)
    }
  }

  async find(queries: readonly SeriesQuery[]): Promise<void> {
    for (const query of queries) await this.#find(query)
  }

  stepSeconds(query: SeriesQuery, window: QueryWindow): number {
    const { levels } = this.#context.access
    const found = this.#found.get(queryKey(query)) ?? []
    if (levels === undefined || found.length === 0) return window.stepSeconds
    return this.#planAll(found, window).reduce(
      (coarsest, plan) => Math.max(coarsest, plan.window.stepSeconds),
      1,
    )
  }

  has({ query, window }: SeriesRequest): boolean {
    return this.#planned.has(requestKey(query, window))
  }

  /** What there is to be read for a request, in the order of its series. Nothing of it counts towards the limits. */
  async plan({
    query,
    window,
  }: SeriesRequest): Promise<{ readonly identity: SeriesIdentity; readonly plan: SeriesPlan }[]> {
    const series = await this.#find(query)
    const plans = this.#planAll(series, window)
    return series.map((identity, index) => ({ identity, plan: plans[index] as SeriesPlan }))
  }

  /** The series of a request that has been fetched. */
  series({ query, pathExpression, window: queryWindow }: SeriesRequest): QuerySeries[] {
    const planned = this.#planned.get(requestKey(query, queryWindow))
    if (planned === undefined) throw new Error('BUG: series are asked for that have not been fetched')
    return planned.series.map(({ key }, index) => {
      const plan = planned.plans[index] as SeriesPlan
      const values = this.#values.get(plan)?.get(key)
      return {
        ...seriesHead(key, { ...plan, pathExpression, xFilesFactor: this.#context.xFilesFactor }),
        values: values ?? new Float64Array(plan.window.slotCount).fill(Number.NaN),
      }
    })
  }

  /** In the order of the series. Series that are asked of the store alike have the same plan, and are read together. */
  #planAll(series: readonly SeriesIdentity[], window: QueryWindow): SeriesPlan[] {
    const { access, isStitched = false } = this.#context
    const byLevel = new Map<SeriesLevel | undefined, SeriesPlan>()
    return series.map((identity) => {
      const level = access.levels?.levelOf(identity, window.fromSeconds)
      let plan = byLevel.get(level)
      if (plan === undefined) {
        const made = planSeries(level, window, isStitched ? access.levels?.allOf(identity) : undefined)
        plan = this.#plans.get(made.name) ?? made
        this.#plans.set(plan.name, plan)
        byLevel.set(level, plan)
      }
      return plan
    })
  }

  async #find(query: SeriesQuery): Promise<readonly SeriesIdentity[]> {
    const { access, limits, signal } = this.#context
    signal.throwIfAborted()
    const key = queryKey(query)
    const known = this.#found.get(key)
    if (known !== undefined) return known
    const most = mayBeOfSketches(query) ? limits.maxSeries * BUCKETS_PER_SERIES : limits.maxSeries
    const found = await (access.identify?.(query, most) ?? search(query, this.#context, most))
    this.#found.set(key, found)
    return found
  }

  #count(window: FetchWindow, share: number): void {
    const { maxSeries, maxPoints } = this.#context.limits
    this.#seriesCount += share
    this.#pointCount += window.slotCount
    if (this.#seriesCount > maxSeries) throw new KymoError('too-many-series', { limit: maxSeries })
    if (this.#pointCount > maxPoints) {
      throw new KymoError('too-many-points', { points: this.#pointCount, limit: maxPoints })
    }
  }

  async #read(
    series: readonly SeriesIdentity[],
    { window, parts }: SeriesPlan,
    values: Map<SeriesKey, Float64Array>,
  ): Promise<void> {
    if (series.length === 0) return
    const { access, signal } = this.#context
    for (const part of parts) {
      // The ends of a part of coarser steps need not be ends of its slots.
      const { stepSeconds } = part
      const startSeconds = Math.floor(part.startSeconds / stepSeconds) * stepSeconds
      const endSeconds = Math.ceil(part.endSeconds / stepSeconds) * stepSeconds
      const request = {
        series: series.map((identity) => toRead(identity, part)),
        range: { startMs: startSeconds * 1000, endMs: endSeconds * 1000 },
        stepMs: stepSeconds * 1000,
      }
      const slotCount = (endSeconds - startSeconds) / stepSeconds
      for await (const chunk of access.reader.read(request, signal)) {
        signal.throwIfAborted()
        const first = (chunk.startMs - request.range.startMs) / request.stepMs
        if (chunk.stepMs !== request.stepMs || !Number.isInteger(first))
          throw new Error('BUG: a chunk of other slots than asked for')
        if (first < 0 || first + chunk.values.length > slotCount)
          throw new Error('BUG: a chunk outside the range')
        let whole = values.get(chunk.key)
        if (whole === undefined && chunk.values.length === window.slotCount && parts.length === 1) {
          // All of it at once, as is usual.
          values.set(chunk.key, chunk.values)
          continue
        }
        if (whole === undefined) {
          whole = new Float64Array(window.slotCount).fill(Number.NaN)
          values.set(chunk.key, whole)
        }
        if (stepSeconds === window.stepSeconds)
          whole.set(chunk.values, (chunk.startMs / 1000 - window.startSeconds) / stepSeconds)
        else spread(chunk, part, { window, into: whole })
      }
    }
  }
}

async function search(query: SeriesQuery, { access }: FetchContext, most: number): Promise<SeriesIdentity[]> {
  const found =
    query.kind === 'path'
      ? await access.findSeries(query.pattern, most)
      : await access.findSeriesByTags(query.expressions, most)
  return found.map(({ identity }) => identity)
}

/** The sketch of a timer is some hundreds of series, one for each bucket that ever had a value: together they count as one. */
const BUCKETS_PER_SERIES = 200

function shareOf({ statistic }: SeriesIdentity): number {
  return statistic === 'bucket' ? 1 / BUCKETS_PER_SERIES : 1
}

/** Whether there may be many more series than are to be counted. */
function mayBeOfSketches(query: SeriesQuery): boolean {
  return (query.kind === 'path' ? query.pattern : query.expressions.join()).includes('sketch')
}

/** A series as it is stored, but for its values. */
export function seriesHead(
  key: SeriesKey,
  {
    window: { startSeconds, endSeconds, stepSeconds },
    pathExpression,
    xFilesFactor = 0,
  }: {
    readonly window: FetchWindow
    readonly pathExpression: string
    readonly xFilesFactor: number | undefined
  },
): Omit<QuerySeries, 'values'> {
  return {
    name: key,
    pathExpression,
    tags: tagsOf(key),
    startSeconds,
    endSeconds,
    stepSeconds,
    consolidation: 'average',
    xFilesFactor,
  }
}

export function toRead({ key, rollup }: SeriesIdentity, { level }: SeriesPart): SeriesToRead {
  if (level === undefined) return { key, rollup }
  const { tierStepsMs, pointsPerSlot, fewestPoints } = level
  return {
    key,
    rollup: level.rollup,
    tierStepsMs,
    pointsPerSlot,
    ...(fewestPoints === undefined ? {} : { fewestPoints }),
  }
}

/** Each finer slot has the value of the coarser one that it is in, or of a sum its share, so that sums stay what they are. */
function spread(
  { startMs, values }: SeriesChunk,
  { startSeconds, endSeconds, stepSeconds, level }: SeriesPart,
  { window, into }: { readonly window: FetchWindow; readonly into: Float64Array },
): void {
  const shares = level?.rollup === 'sum' ? stepSeconds / window.stepSeconds : 1
  for (const [slot, value] of values.entries()) {
    const slotSeconds = startMs / 1000 + slot * stepSeconds
    const first = Math.max(slotSeconds, startSeconds)
    const end = Math.min(slotSeconds + stepSeconds, endSeconds)
    const place = (first - window.startSeconds) / window.stepSeconds
    into.fill(value / shares, place, place + (end - first) / window.stepSeconds)
  }
}

function queryKey(query: SeriesQuery): string {
  return query.kind === 'path' ? `p${query.pattern}` : `t${JSON.stringify(query.expressions)}`
}

function requestKey(query: SeriesQuery, window: QueryWindow): string {
  return `${windowKey(window)} ${queryKey(query)}`
}

/** The tags of the key, and its name as the tag `name`, which wins. Without a prototype: any text is a tag. */
function tagsOf(key: SeriesKey): Record<string, string> {
  const { name, tags } = parseSeriesKey(key)
  const record = Object.create(null) as Record<string, string>
  for (const [tag, value] of tags) record[tag] = value
  record.name = name
  return record
}
