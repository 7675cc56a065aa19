import type { Slices } from '../../lib/slices.ts'
import type { IndexedPoints, PointBatch } from '../../model/point.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { TimeRange } from '../../model/time-range.ts'
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
import type { StoreReader } from './store-reader.ts'
import type { LogWriter } from './log-writer.ts'
import type { SharedStore } from './published-state.ts'

/** Log, heads and blocks as an engine: its one writer, and a reader of its own that knows no more than readers elsewhere. */
export class EmbeddedEngine implements Engine {
  readonly capabilities: EngineCapabilities = {
    name: 'embedded',
    readsItsWrites: true,
    overwritesExactly: true,
    isDurable: true,
  }
  readonly #writer: LogWriter
  readonly #reader: StoreReader
  readonly #share: () => SharedStore
  /** Whether a delete that was written is safe is not known. */
  #isDeleteUnsafe = false

  constructor(parts: { writer: LogWriter; reader: StoreReader; share: () => SharedStore }) {
    this.#writer = parts.writer
    this.#reader = parts.reader
    this.#share = parts.share
  }

  append(batch: PointBatch | IndexedPoints): void {
    this.#writer.append(batch)
  }

  appendFlush(flush: FlushPoints): void {
    this.#writer.appendFlush(flush)
  }

  introduce(series: readonly SeriesIdentity[]): Slices<void> {
    return this.#writer.introduce(series)
  }

  sync(): Promise<void> {
    return this.#writer.sync()
  }

  async delete(keys: readonly SeriesKey[], range: TimeRange): Promise<number> {
    const affected = await this.#reader.seriesWithPoints(keys, range)
    // After a sync that failed, points may be gone for readers and there again after a power cut: all keys are written then.
    this.#writer.delete(this.#isDeleteUnsafe ? keys : affected, range)
    this.#isDeleteUnsafe = true
    await this.#writer.sync()
    this.#isDeleteUnsafe = false
    return affected.length
  }

  read(request: ReadRequest, signal?: AbortSignal): AsyncIterable<SeriesChunk> {
    return this.#reader.read(request, signal)
  }

  points(request: PointsRequest, signal?: AbortSignal): AsyncIterable<SeriesPoints> {
    return this.#reader.points(request, signal)
  }

  stats(): EngineStats {
    return this.#writer.stats()
  }

  share(): SharedStore {
    return this.#share()
  }

  async close(): Promise<void> {
    await this.#reader.close()
    await this.#writer.close()
  }
}
