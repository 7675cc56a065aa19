import type { Slices } from '../../lib/slices.ts'
import { type IndexedPoints, type PointBatch, seriesOfPoint } from '../../model/point.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { TimeRange } from '../../model/time-range.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type {
  Engine,
  EngineCapabilities,
  EngineStats,
  FlushPoints,
  PointsRequest,
  ReadRequest,
  SeriesChunk,
  SeriesPoints,
} from '../engine.ts'
import { aggregatesOf, valuesOf } from '../embedded/tier/read-slots.ts'
import { rollUpPoints } from '../embedded/tier/roll-up-points.ts'
import { slotsOf } from '../read-request.ts'

/**
 * Keeps every point in a Map until the process ends. The plainest engine there can be: what it answers is what the
 * others have to answer.
 */
export class MemoryEngine implements Engine {
  readonly capabilities: EngineCapabilities = {
    name: 'memory',
    readsItsWrites: true,
    overwritesExactly: true,
    isDurable: false,
  }
  #valuesByTime = new Map<SeriesKey, Map<number, number>>()
  #newestFlushMs = 0
  #isClosed = false

  append(batch: PointBatch | IndexedPoints): void {
    this.#throwIfClosed()
    for (const [index, value] of batch.values.entries())
      this.#put((seriesOfPoint(batch, index) as SeriesIdentity).key, batch.timesMs[index] ?? 0, value)
  }

  appendFlush({ timeMs, series, values }: FlushPoints): void {
    this.#throwIfClosed()
    for (const [index, { key }] of series.entries()) this.#put(key, timeMs, values[index] ?? 0)
    if (series.length > 0) this.#newestFlushMs = Math.max(this.#newestFlushMs, timeMs)
  }

  #throwIfClosed(): void {
    if (!this.#isClosed) return
    throw new KymoError('store-write-failed', { path: 'memory', reason: 'the store is closed' })
  }

  #put(key: SeriesKey, timeMs: number, value: number): void {
    let values = this.#valuesByTime.get(key)
    if (values === undefined) this.#valuesByTime.set(key, (values = new Map()))
    values.set(timeMs, value)
  }

  *introduce(): Slices<void> {}

  async sync(): Promise<void> {}

  async delete(keys: readonly SeriesKey[], range: TimeRange): Promise<number> {
    let affected = 0
    for (const key of new Set(keys)) {
      const values = this.#valuesByTime.get(key)
      const doomed = [...(values?.keys() ?? [])].filter((timeMs) => isInside(timeMs, range))
      for (const timeMs of doomed) values?.delete(timeMs)
      if (doomed.length > 0) affected++
    }
    return affected
  }

  async *read(request: ReadRequest, signal?: AbortSignal): AsyncIterable<SeriesChunk> {
    if (this.#isClosed) throw new KymoError('not-ready', { reason: 'the store is closed' })
    const slots = slotsOf(request)
    for (const one of request.series) {
      signal?.throwIfAborted()
      const points = this.#columnsOf(one.key, request.range)
      const columns = aggregatesOf(one).map(
        (aggregate) => [aggregate, rollUpPoints(points, aggregate, slots)] as const,
      )
      const values = valuesOf(one, slots.count, new Map(columns))
      yield { key: one.key, startMs: slots.startMs, stepMs: slots.stepMs, values }
    }
  }

  async *points({ keys, range }: PointsRequest, signal?: AbortSignal): AsyncIterable<SeriesPoints> {
    if (this.#isClosed) throw new KymoError('not-ready', { reason: 'the store is closed' })
    for (const key of keys) {
      signal?.throwIfAborted()
      yield { key, ...this.#columnsOf(key, range) }
    }
  }

  #columnsOf(key: SeriesKey, range: TimeRange): { timesMs: Float64Array; values: Float64Array } {
    const points = this.#pointsOf(key, range)
    return {
      timesMs: Float64Array.from(points, ([timeMs]) => timeMs),
      values: Float64Array.from(points, ([, value]) => value),
    }
  }

  #pointsOf(key: SeriesKey, range: TimeRange): [timeMs: number, value: number][] {
    return [...(this.#valuesByTime.get(key) ?? [])]
      .filter(([timeMs]) => isInside(timeMs, range))
      .sort(([a], [b]) => a - b)
  }

  stats(): EngineStats {
    let pointCount = 0
    for (const values of this.#valuesByTime.values()) pointCount += values.size
    return {
      pointCount,
      storedBytes: pointCount * BYTES_PER_POINT,
      newestTimeMs: this.#newestFlushMs,
      waitingParts: 0,
    }
  }

  share(): undefined {
    return undefined
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#valuesByTime = new Map()
  }
}

/** A time and a value; what the Map takes on top is V8's affair. */
const BYTES_PER_POINT = 16

function isInside(timeMs: number, range: TimeRange): boolean {
  return timeMs >= range.startMs && timeMs < range.endMs
}
