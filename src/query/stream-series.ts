import type { SeriesIdentity } from '../model/series-identity.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { SeriesPlan } from './plan-series.ts'
import {
  type FetchContext,
  type SeriesFetcher,
  seriesHead,
  type SeriesRequest,
  toRead,
} from './series-fetcher.ts'
import type { StreamedSeries } from './streamed-series.ts'

/** Fewer are read and encoded at once: such an answer can be kept, and says how long it is. */
const FEWEST_POINTS = 262_144
/** Held at once: as many series as make up so many points, or a part of a series that is longer. */
const POINTS_AT_ONCE = 1_048_576

/**
 * Series as they are stored, which are read as they are asked for. Undefined: there are few points, or some of the series are stitched together,
 * which is done with all of a series at hand. Throws what looking them up throws, and the KymoErrors `too-many-series` and `too-many-points`.
 */
export async function streamSeries(
  requests: readonly SeriesRequest[],
  fetcher: SeriesFetcher,
  context: FetchContext,
): Promise<AsyncIterable<StreamedSeries> | undefined> {
  if (context.isStitched === true) return undefined
  const planned: PlannedSeries[] = []
  for (const request of requests) {
    for (const { identity, plan } of await fetcher.plan(request)) planned.push({ identity, plan, request })
  }
  const points = planned.reduce((sum, { plan }) => sum + plan.window.slotCount, 0)
  if (points < FEWEST_POINTS) return undefined
  const { maxSeries, maxStreamedPoints } = context.limits
  if (planned.length > maxSeries) throw new KymoError('too-many-series', { limit: maxSeries })
  if (points > maxStreamedPoints) throw new KymoError('too-many-points', { points, limit: maxStreamedPoints })
  return readAll(planned, context)
}

interface PlannedSeries {
  readonly identity: SeriesIdentity
  readonly plan: SeriesPlan
  readonly request: SeriesRequest
}

async function* readAll(
  planned: readonly PlannedSeries[],
  context: FetchContext,
): AsyncGenerator<StreamedSeries> {
  for (let next = 0; next < planned.length; ) {
    const group = groupFrom(planned, next)
    next += group.length
    const [first] = group as [PlannedSeries]
    if (first.plan.window.slotCount > POINTS_AT_ONCE) {
      yield { head: headOf(first, context), values: readInParts(first, context) }
      continue
    }
    const values = await readGroup(group, context)
    for (const [index, one] of group.entries()) {
      yield { head: headOf(one, context), values: [values[index] as Float64Array] }
    }
  }
}

/** Series that follow each other, are asked of the store alike, and are there once. */
function groupFrom(planned: readonly PlannedSeries[], start: number): PlannedSeries[] {
  const first = planned[start]
  if (first === undefined) throw new Error('BUG: a group of no series')
  const { plan, request } = first
  const end = start + Math.max(1, Math.floor(POINTS_AT_ONCE / plan.window.slotCount))
  const others = planned.slice(start, end).findIndex((one) => one.plan !== plan || one.request !== request)
  return planned.slice(start, others < 0 ? end : start + others)
}

async function readGroup(
  group: readonly PlannedSeries[],
  context: FetchContext,
): Promise<readonly Float64Array[]> {
  const { startSeconds, endSeconds } = group[0]?.plan.window ?? { startSeconds: 0, endSeconds: 0 }
  return readRange(group, { startSeconds, endSeconds }, context)
}

async function* readInParts(one: PlannedSeries, context: FetchContext): AsyncGenerator<Float64Array> {
  const { startSeconds, endSeconds, stepSeconds } = one.plan.window
  const partSeconds = POINTS_AT_ONCE * stepSeconds
  for (let start = startSeconds; start < endSeconds; start += partSeconds) {
    const end = Math.min(start + partSeconds, endSeconds)
    yield* await readRange([one], { startSeconds: start, endSeconds: end }, context)
  }
}

/** Columns in the order of the series, which may be there more than once. */
async function readRange(
  group: readonly PlannedSeries[],
  { startSeconds, endSeconds }: { readonly startSeconds: number; readonly endSeconds: number },
  { access, signal }: FetchContext,
): Promise<readonly Float64Array[]> {
  const [part] = group[0]?.plan.parts ?? []
  if (part === undefined) throw new Error('BUG: a plan without parts')
  const stepMs = part.stepSeconds * 1_000
  const columns: Float64Array[] = []
  const startMs = startSeconds * 1_000
  const endMs = endSeconds * 1_000
  const series = group.map(({ identity }) => toRead(identity, part))
  let parts: Float64Array | undefined
  for await (const chunk of access.reader.read({ series, range: { startMs, endMs }, stepMs }, signal)) {
    signal.throwIfAborted()
    const chunkEndMs = chunk.startMs + chunk.values.length * stepMs
    if (chunk.stepMs !== stepMs || chunk.startMs < startMs || chunkEndMs > endMs)
      throw new Error('BUG: a chunk of other slots than asked for')
    if (chunk.startMs === startMs && chunkEndMs === endMs) {
      // All of it at once, as is usual.
      columns.push(chunk.values)
      continue
    }
    parts ??= new Float64Array((endMs - startMs) / stepMs).fill(Number.NaN)
    parts.set(chunk.values, (chunk.startMs - startMs) / stepMs)
    if (chunkEndMs < endMs) continue
    columns.push(parts)
    parts = undefined
  }
  if (columns.length !== group.length) throw new Error('BUG: a series was not read')
  return columns
}

function headOf({ identity, plan, request }: PlannedSeries, context: FetchContext): StreamedSeries['head'] {
  const { pathExpression } = request
  return seriesHead(identity.key, { ...plan, pathExpression, xFilesFactor: context.xFilesFactor })
}
