import type { Slices } from '../lib/slices.ts'
import type { IndexedPoints, PointBatch } from '../model/point.ts'
import type { Rollup, SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { TimeRange } from '../model/time-range.ts'

/**
 * How points are kept. One writer, any number of readers, which may live in other threads.
 * Times are integer milliseconds, irregular allowed. A series is known by its key; an engine's own numbers for it
 * never leave the engine. Every engine passes engine.conformance.ts.
 */
export interface Engine extends EngineReader, PointReader {
  readonly capabilities: EngineCapabilities
  /**
   * Takes points in. They are visible to readers at once and durable after the next `sync`.
   * A second point of one series and time replaces the first. Throws the KymoError `store-write-failed`; then nothing
   * of the batch is stored and it can be appended again. All columns may be used again for others afterwards.
   */
  append(batch: PointBatch | IndexedPoints): void
  /** The same of a flush, which counts for `stats().newestTimeMs`. Its series stay as they are: nobody changes the array. */
  appendFlush(flush: FlushPoints): void
  /**
   * What `appendFlush` would have to do about series that are new, in slices and ahead of it; whatever is left, it does. Throws
   * `store-write-failed` too. They have no points after it, and are nothing to readers.
   */
  introduce(series: readonly SeriesIdentity[]): Slices<void>
  /** After it resolves, everything appended before it survives a power cut. */
  sync(): Promise<void>
  /** Removes the points of these series inside the range; returns how many series lost points. */
  delete(keys: readonly SeriesKey[], range: TimeRange): Promise<number>
  stats(): EngineStats
  /**
   * What another thread needs to open one reader of its own; undefined if only this thread can read. Message ports in it have
   * to be transferred.
   */
  share(): unknown
}

/** A whole interval, all points at its end: `values[i]` of `series[i]`. Where a series comes twice, the last one counts. */
export interface FlushPoints {
  readonly timeMs: number
  readonly series: readonly SeriesIdentity[]
  readonly values: Float64Array
}

export interface EngineReader {
  /**
   * Reads series in chunks, in the order asked for; a series without points in the range yields a chunk of nulls.
   * Stops when `signal` aborts, with its reason.
   */
  read(request: ReadRequest, signal?: AbortSignal): AsyncIterable<SeriesChunk>
  /** Safe to call twice. */
  close(): Promise<void>
}

/** Reads what there is, whatever steps it has: for moving it elsewhere. */
export interface PointReader {
  /**
   * The points that there are of each series, in the order asked for: ascending in time, one per time. All of one series are held at once, so
   * the range is the caller's care. Stops when `signal` aborts, with its reason.
   */
  points(request: PointsRequest, signal?: AbortSignal): AsyncIterable<SeriesPoints>
}

export interface PointsRequest {
  readonly keys: readonly SeriesKey[]
  readonly range: TimeRange
}

export interface SeriesPoints {
  readonly key: SeriesKey
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

export interface ReadRequest {
  readonly series: readonly SeriesToRead[]
  /** Both ends multiples of `stepMs`. */
  readonly range: TimeRange
  /** Points of one slot `[t, t + stepMs)` become one value, by the series' rollup. */
  readonly stepMs: number
}

export interface SeriesToRead {
  readonly key: SeriesKey
  readonly rollup: SlotRollup
  /**
   * Steps of coarser tiers that the series is kept in, ascending, each made of whole steps of the one before; the last makes up the
   * step that is asked for. An engine that keeps points as they came for good has no need of them.
   */
  readonly tierStepsMs?: readonly number[]
  /** A slot of fewer points has no value. */
  readonly fewestPoints?: number
  /** Points that make up a slot, for `avg_zero`. */
  readonly pointsPerSlot?: number
}

/**
 * How the points of a slot become one value. Besides those of types three of carbon's: `avg_zero` counts missing points as 0; `absmax` and `absmin` are the
 * values farthest from 0 and nearest to it, with their signs. Of a slot whose values lie on both sides of 0 `absmin` is the nearer one of the highest and the lowest.
 */
export type SlotRollup = Rollup | 'avg_zero' | 'absmax' | 'absmin'

/** `values[i]` is the value of the slot that begins at `startMs + i * stepMs`; NaN: none. */
export interface SeriesChunk {
  readonly key: SeriesKey
  readonly startMs: number
  readonly stepMs: number
  /** Not to be changed: others may be given the same. */
  readonly values: Float64Array
}

export interface EngineCapabilities {
  readonly name: string
  /** A point can be read as soon as `append` returns. */
  readonly readsItsWrites: boolean
  /** A later point of one series and time replaces the earlier one exactly. */
  readonly overwritesExactly: boolean
  /** Points survive a restart. */
  readonly isDurable: boolean
}

export interface EngineStats {
  readonly pointCount: number
  readonly storedBytes: number
  /** Time of the newest point of a flush; 0 if there is none. */
  readonly newestTimeMs: number
  /** Full parts of the log that are held in memory until they are packed. Whoever has much to write waits while there are several. */
  readonly waitingParts: number
}
