import type { PointColumns } from '../../formats/point-columns/point-columns.ts'
import type { TimeRange } from '../../model/time-range.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { KymoPeer, ListedSeries } from './kymo-peer.ts'

export interface ReadSeries extends ListedSeries {
  /** Ascending. */
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

/** Asked for at once, as long as they do not have too many points together. */
const SERIES_PER_REQUEST = 50
/** No further is a range divided: so many points in so little time are nobody's. */
const SHORTEST_RANGE_MS = 1_000

/** Reads series one after the other, as many at once as there may be. */
export async function* readPoints(
  peer: Pick<KymoPeer, 'points'>,
  series: readonly ListedSeries[],
  range: TimeRange,
): AsyncGenerator<ReadSeries> {
  for (let start = 0; start < series.length; start += SERIES_PER_REQUEST)
    yield* readSome(peer, series.slice(start, start + SERIES_PER_REQUEST), range)
}

async function* readSome(
  peer: Pick<KymoPeer, 'points'>,
  series: readonly ListedSeries[],
  range: TimeRange,
): AsyncGenerator<ReadSeries> {
  const [first] = series
  if (first === undefined) return
  const found = await attempt(() => peer.points(series, range))
  if (found !== undefined) {
    let row = 0
    for (const [index, one] of series.entries()) {
      const end = row + (found.series[index]?.points ?? 0)
      yield { ...one, timesMs: found.timesMs.subarray(row, end), values: found.values.subarray(row, end) }
      row = end
    }
  } else if (series.length > 1) {
    const half = Math.ceil(series.length / 2)
    yield* readSome(peer, series.slice(0, half), range)
    yield* readSome(peer, series.slice(half), range)
  } else yield* readInParts(peer, first, range)
}

/** One series of very many points, which are put together again here. */
async function* readInParts(
  peer: Pick<KymoPeer, 'points'>,
  series: ListedSeries,
  range: TimeRange,
): AsyncGenerator<ReadSeries> {
  const startMs = Math.max(range.startMs, series.firstMs)
  const endMs = Math.min(range.endMs, series.lastMs + 1)
  if (endMs - startMs <= SHORTEST_RANGE_MS)
    throw new KymoError('too-many-points', {
      points: `those of "${series.key}" within a second`,
      limit: 'less',
    })
  const middleMs = startMs + Math.floor((endMs - startMs) / 2)
  const parts: ReadSeries[] = []
  for (const part of [
    { startMs, endMs: middleMs },
    { startMs: middleMs, endMs },
  ])
    for await (const one of readSome(
      peer,
      [{ ...series, firstMs: part.startMs, lastMs: part.endMs - 1 }],
      part,
    ))
      parts.push(one)
  const count = parts.reduce((sum, { values }) => sum + values.length, 0)
  const whole = { ...series, timesMs: new Float64Array(count), values: new Float64Array(count) }
  let row = 0
  for (const { timesMs, values } of parts) {
    whole.timesMs.set(timesMs, row)
    whole.values.set(values, row)
    row += values.length
  }
  yield whole
}

/** undefined: it would be too much at once. */
async function attempt(read: () => Promise<PointColumns>): Promise<PointColumns | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof KymoError && error.code === 'too-many-points') return undefined
    throw error
  }
}
