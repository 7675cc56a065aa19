import type { ImportResult } from '../api/services.ts'
import { decodeColumns } from '../formats/point-columns/decode-columns.ts'
import type { ColumnSeries, PointColumns } from '../formats/point-columns/point-columns.ts'
import { canonicalKey } from '../formats/graphite-plaintext/canonical-key.ts'
import { type Clock, nextEventLoopTurn, sleep } from '../lib/clock.ts'
import { excerpt } from '../lib/excerpt.ts'
import { release } from '../lib/grow.ts'
import type { PointBatch } from '../model/point.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { untypedIdentity } from '../model/untyped-identity.ts'
import type { Catalog } from '../store/catalog.ts'
import type { Engine } from '../store/engine.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { StoreWriter } from './store-writer.ts'
import type { TimeWindow } from './time-window.ts'

export interface PastPointsOptions {
  readonly store: {
    readonly engine: Pick<Engine, 'append' | 'stats'>
    readonly catalog: Pick<Catalog, 'get' | 'touch'>
  }
  readonly writer: Pick<StoreWriter, 'past' | 'settlePast'>
  readonly window: Pick<TimeWindow, 'within'>
  /** Whether there may be a series of this key. */
  readonly admits: (key: SeriesKey, isStored: boolean) => boolean
  readonly onRefused: (points: number) => void
  readonly clock: Clock
}

/** Written in one go. New series take a few microseconds each. */
const POINTS_PER_SLICE = 32_768
const SERIES_PER_SLICE = 1_000
/** Parts of the log that may wait to be packed: each is up to half a gigabyte of memory. */
const MOST_WAITING_PARTS = 1
const LOOK_EVERY_MS = 50
/** Whoever sends is told to come again, rather than waiting for ever. */
const LONGEST_WAIT_MS = 30_000

/** Takes points of the past into the store. They go to no sink: whoever is behind one has a past of its own. */
export class PastPoints {
  readonly #options: PastPointsOptions
  /** Used again for each piece. */
  readonly #identities: SeriesIdentity[] = Array.from({ length: POINTS_PER_SLICE }, () => NOBODY)
  #work: Promise<unknown> = Promise.resolve()

  constructor(options: PastPointsOptions) {
    this.#options = options
  }

  /**
   * With `isDurable`, also waits until everything that was taken before survives a power cut. Throws the KymoErrors `request-invalid` and
   * why the store takes nothing. The body is empty afterwards.
   */
  async take(body: Uint8Array, isDurable: boolean): Promise<ImportResult> {
    const { writer } = this.#options
    const result = body.length === 0 ? NOTHING : await this.takeColumns(decoded(body))
    // Left to the garbage collector, bodies would make it look through all there is again and again.
    release(body)
    if (isDurable) await writer.settlePast()
    return result
  }

  /**
   * Of series whose keys are as they should be. The columns are taken over. One after the other, as they were sent: points that ascend in time
   * are stored for least.
   */
  takeColumns(columns: PointColumns): Promise<ImportResult> {
    const taken = this.#work.then(() => this.#takeInTurn(columns))
    this.#work = taken.catch(() => {})
    return taken
  }

  async #takeInTurn(columns: PointColumns): Promise<ImportResult> {
    const { store, writer, window } = this.#options
    const result = { stored: 0, outside: 0, overLimit: 0 }
    for (const slice of this.#slicesOf(columns, result)) {
      const batch = window.within(slice)
      const stored = batch.values.length
      result.outside += slice.values.length - stored
      if (stored === 0) continue
      await this.#waitForPacking()
      await writer.past(() => {
        store.engine.append(batch)
        touchEnds(store.catalog, batch)
      }, stored)
      result.stored += stored
      // Flushes, and whoever looks for names, have their turn.
      await nextEventLoopTurn()
    }
    return result
  }

  /** Points of the past come faster than they are packed, and what is not packed is in memory. */
  async #waitForPacking(): Promise<void> {
    const { store, clock } = this.#options
    for (
      let waitedMs = 0;
      store.engine.stats().waitingParts > MOST_WAITING_PARTS;
      waitedMs += LOOK_EVERY_MS
    ) {
      if (waitedMs >= LONGEST_WAIT_MS)
        throw new KymoError('server-busy', { reason: 'what came before is still being packed' })
      await sleep(clock, LOOK_EVERY_MS)
    }
  }

  /** What is let in, in pieces of so few points and series that writing one takes some milliseconds. A piece is valid until the next. */
  *#slicesOf(
    { series, timesMs, values }: PointColumns,
    result: { overLimit: number },
  ): Generator<PointBatch> {
    let [row, kept, start, seriesCount] = [0, 0, 0, 0]
    const cut = (): PointBatch => {
      const count = kept - start
      const batch: PointBatch = {
        kind: 'number',
        series: count === POINTS_PER_SLICE ? this.#identities : this.#identities.slice(0, count),
        timesMs: timesMs.subarray(start, kept),
        values: values.subarray(start, kept),
      }
      start = kept
      seriesCount = 0
      return batch
    }
    for (const one of series) {
      const identity = this.#identityOf(one)
      if (identity === undefined) {
        row += one.points
        result.overLimit += one.points
        this.#options.onRefused(one.points)
        continue
      }
      seriesCount++
      for (let left = one.points; left > 0; ) {
        const taken = Math.min(left, POINTS_PER_SLICE - (kept - start))
        if (kept < row) {
          timesMs.copyWithin(kept, row, row + taken)
          values.copyWithin(kept, row, row + taken)
        }
        this.#identities.fill(identity, kept - start, kept - start + taken)
        kept += taken
        row += taken
        left -= taken
        if (kept - start === POINTS_PER_SLICE) yield cut()
      }
      if (seriesCount >= SERIES_PER_SLICE && kept > start) yield cut()
    }
    if (kept > start) yield cut()
  }

  /** What a series is that there is already, it stays. undefined: there may be no more. */
  #identityOf({ key, rollup }: ColumnSeries): SeriesIdentity | undefined {
    const { store, admits } = this.#options
    const stored = store.catalog.get(key)?.identity
    if (!admits(key, stored !== undefined)) return undefined
    if (stored !== undefined) return stored
    const byName = untypedIdentity(key)
    return rollup === undefined ? byName : { ...byName, rollup }
  }
}

const NOBODY = untypedIdentity('')
const NOTHING: ImportResult = { stored: 0, outside: 0, overLimit: 0 }

function decoded(body: Uint8Array): PointColumns {
  const columns = decodeColumns(body)
  if ('problem' in columns)
    throw new KymoError('request-invalid', { problem: `The body is not right: ${columns.problem}.` })
  const strange = columns.series.find(({ key }) => key === '' || canonicalKey(key) !== key)
  if (strange !== undefined)
    throw new KymoError('request-invalid', {
      problem: `The body is not right: "${excerpt(strange.key, 100)}" is not how a line of Graphite's would name a series.`,
    })
  return columns
}

/** Names come after points. Of each series its first and last point in the batch are told, which ascend. */
function touchEnds(catalog: Pick<Catalog, 'touch'>, { series, timesMs }: PointBatch): void {
  for (let start = 0, end = 0; start < series.length; start = end) {
    const identity = series[start] as SeriesIdentity
    for (end = start + 1; end < series.length && series[end] === identity; ) end++
    catalog.touch(identity, timesMs[start] as number, timesMs[end - 1])
  }
}
