import type { Clock } from '../lib/clock.ts'
import type { RefusedTime } from '../api/services.ts'
import { formatDuration } from '../lib/units.ts'
import { type IndexedPoints, type PointBatch, seriesOfPoint } from '../model/point.ts'
import type { Log } from '../telemetry/log.ts'
import type { Counter, OwnMetrics } from '../telemetry/own-metrics.ts'

export interface TimeWindowLimits {
  /** How far behind the clock points are kept. */
  readonly retentionMs: number
  /** How far ahead of the clock they may be. */
  readonly futureLimitMs: number
}

export interface TimeWindowOptions extends TimeWindowLimits {
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Pick<OwnMetrics, 'counter'>
}

type Side = 'past' | 'future'

/** As many as are told of; of one series only the newest. */
const TOLD_SERIES = 20

/** A sender whose clock is wrong must not fill the log. */
const LOG_EVERY_MS = 10 * 60_000

/**
 * Which points the store is given: none that its retention would not keep, and none so far ahead that only a clock that is
 * wrong can have made them. One point in the year 2040 would be the newest of its series for years.
 */
export class TimeWindow {
  readonly #options: TimeWindowOptions
  readonly #refused: Readonly<Record<Side, Counter>>
  readonly #loggedAtMs: Record<Side, number> = {
    past: Number.NEGATIVE_INFINITY,
    future: Number.NEGATIVE_INFINITY,
  }
  /** By series, the one that was refused last at the end. */
  readonly #told = new Map<string, RefusedTime>()
  #limits: TimeWindowLimits

  constructor(options: TimeWindowOptions) {
    const counter = (side: Side) =>
      options.metrics.counter('kymo_dropped_points_total', { sink: 'store', drop_reason: side })
    this.#options = options
    this.#limits = options
    this.#refused = { past: counter('past'), future: counter('future') }
  }

  reconfigure(limits: TimeWindowLimits): void {
    this.#limits = limits
  }

  /** Series of which points were refused, the newest first. */
  refusedTimes(): RefusedTime[] {
    return [...this.#told.values()].reverse()
  }

  /** What of the batch may be stored: the batch itself, or another one if some of it may not. */
  within<Batch extends PointBatch | IndexedPoints>(batch: Batch): Batch {
    const nowMs = this.#options.clock.nowMs()
    const oldestMs = nowMs - this.#limits.retentionMs
    const newestMs = nowMs + this.#limits.futureLimitMs
    // Fast path: nothing is refused.
    if (areAllBetween(batch.timesMs, oldestMs, newestMs)) return batch

    const kept: number[] = []
    const refused: Record<Side, number[]> = { past: [], future: [] }
    for (const [index, timeMs] of batch.timesMs.entries()) {
      if (timeMs < oldestMs) refused.past.push(index)
      else if (timeMs > newestMs) refused.future.push(index)
      else kept.push(index)
    }
    for (const side of ['past', 'future'] as const) this.#tell(side, refused[side], batch)
    return {
      ...batch,
      ...(batch.kind === 'indexed'
        ? { rows: Uint32Array.from(kept, (index) => batch.rows[index] ?? 0) }
        : { series: kept.flatMap((index) => batch.series[index] ?? []) }),
      timesMs: Float64Array.from(kept, (index) => batch.timesMs[index] ?? 0),
      values: Float64Array.from(kept, (index) => batch.values[index] ?? 0),
    }
  }

  #remember(key: string | undefined, timeMs: number | undefined): void {
    if (key === undefined || timeMs === undefined) return
    this.#told.delete(key)
    this.#told.set(key, { key, timeMs, atMs: this.#options.clock.nowMs() })
    const [oldest] = this.#told.keys()
    if (this.#told.size > TOLD_SERIES && oldest !== undefined) this.#told.delete(oldest)
  }

  #tell(side: Side, rows: readonly number[], batch: PointBatch | IndexedPoints): void {
    const [first] = rows
    if (first === undefined) return
    this.#refused[side].add(rows.length)
    for (const row of rows.slice(-TOLD_SERIES))
      this.#remember(seriesOfPoint(batch, row)?.key, batch.timesMs[row])
    const { clock, log } = this.#options
    if (clock.monotonicMs() - this.#loggedAtMs[side] < LOG_EVERY_MS) return
    this.#loggedAtMs[side] = clock.monotonicMs()
    const fields = {
      points: rows.length,
      series: seriesOfPoint(batch, first)?.key,
      time: describeTime(batch.timesMs[first] ?? 0),
    }
    if (side === 'future')
      log.warn(
        { ...fields, futureLimit: formatDuration(this.#limits.futureLimitMs) },
        'points too far ahead of the clock are not kept; look at the clock of whoever sends them, and at the one here',
      )
    else
      log.warn(
        { ...fields, retention: formatDuration(this.#limits.retentionMs) },
        'points older than store.retention are not kept',
      )
  }
}

function areAllBetween(timesMs: Float64Array, oldestMs: number, newestMs: number): boolean {
  // Many times faster than `for … of`, and points of the past come by millions.
  for (let index = 0; index < timesMs.length; index++) {
    const timeMs = timesMs[index] as number
    if (timeMs < oldestMs || timeMs > newestMs) return false
  }
  return true
}

function describeTime(timeMs: number): string {
  const date = new Date(timeMs)
  return Number.isNaN(date.getTime()) ? `${timeMs} ms` : date.toISOString()
}
