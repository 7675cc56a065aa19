import type { ImportResult } from '../api/services.ts'
import { decodeColumns } from '../formats/point-columns/decode-columns.ts'
import type { ColumnSeries, PointColumns } from '../formats/point-columns/point-columns.ts'
import { canonicalKey } from '../formats/graphite-plaintext/canonical-key.ts'
import { type Clock, sleep } from '../lib/clock.ts'
import { excerpt } from '../lib/excerpt.ts'
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

/** Parts of the log that may wait to be packed: each is up to half a gigabyte of memory. */
const MOST_WAITING_PARTS = 1
const LOOK_EVERY_MS = 50
/** Whoever sends is told to come again, rather than waiting for ever. */
const LONGEST_WAIT_MS = 30_000

/** Takes points of the past into the store. They go to no sink: whoever is behind one has a past of its own. */
export class PastPoints {
  readonly #options: PastPointsOptions

  constructor(options: PastPointsOptions) {
    this.#options = options
  }

  /**
   * With `isDurable`, also waits until everything that was taken before survives a power cut. Throws the KymoErrors `request-invalid` and
   * why the store takes nothing.
   */
  async take(body: Uint8Array, isDurable: boolean): Promise<ImportResult> {
    const { writer } = this.#options
    const result = body.length === 0 ? NOTHING : await this.takeColumns(decoded(body))
    if (isDurable) await writer.settlePast()
    return result
  }

  /** Of series whose keys are as they should be. The columns are taken over. */
  async takeColumns(columns: PointColumns): Promise<ImportResult> {
    const { store, writer, window, onRefused } = this.#options
    const admitted = this.#admit(columns)
    const overLimit = columns.values.length - admitted.values.length
    if (overLimit > 0) onRefused(overLimit)
    const batch = window.within(admitted)
    const stored = batch.values.length
    if (stored > 0) await this.#waitForPacking()
    if (stored > 0)
      await writer.past(() => {
        store.engine.append(batch, 'points')
        touchEnds(store.catalog, batch)
      }, stored)
    return { stored, outside: admitted.values.length - stored, overLimit }
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

  #admit({ series, timesMs, values }: PointColumns): PointBatch {
    const identities: SeriesIdentity[] = []
    identities.length = values.length
    let [row, kept] = [0, 0]
    for (const one of series) {
      const identity = this.#identityOf(one)
      if (identity !== undefined) {
        if (kept < row) {
          timesMs.copyWithin(kept, row, row + one.points)
          values.copyWithin(kept, row, row + one.points)
        }
        identities.fill(identity, kept, kept + one.points)
        kept += one.points
      }
      row += one.points
    }
    identities.length = kept
    return {
      kind: 'number',
      series: identities,
      timesMs: timesMs.subarray(0, kept),
      values: values.subarray(0, kept),
    }
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
    catalog.touch(identity, timesMs[start] as number)
    if (end > start + 1) catalog.touch(identity, timesMs[end - 1] as number)
  }
}
