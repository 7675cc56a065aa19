import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PointBatch } from '../../model/point.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { Sink } from '../sink.ts'
import { compileFilter, type Decide, type FilterOptions } from './compile-filter.ts'
import { FlushMerger } from './flush-merger.ts'
import type { Clash } from './series-combiner.ts'
import { SeriesFilter } from './series-filter.ts'

/** As it is written; see filter-options.ts. */
export interface Shape extends FilterOptions {
  readonly flush_every?: number
}

/** Makes of what flows what one sink is to have of it. */
export class BatchShaper {
  readonly #filter: SeriesFilter | undefined
  readonly #merger: FlushMerger | undefined
  readonly #emit: (batch: FlushBatch) => void

  /**
   * `emit` takes the flushes that are to go out, at once. The shape has been checked. `takes`: as that of a sink, which is asked about series
   * as the shape names them.
   */
  constructor(
    shape: Shape,
    emit: (batch: FlushBatch) => void,
    { takes, onClash }: { readonly takes?: Sink['takes']; readonly onClash?: (clash: Clash) => void } = {},
  ) {
    const compiled = compileFilter(shape)
    if (!compiled.isCompiled) throw new Error('BUG: the filters of a sink were not checked')
    const decide = takes === undefined ? compiled.decide : onlyTaken(compiled.decide, takes)
    this.#filter = decide && new SeriesFilter(decide, onClash)
    this.#emit = (batch) => emit(this.#filter?.flush(batch) ?? batch)
    const { flush_every: flushEvery = 1 } = shape
    // First merged, then filtered: means are weighted by counts, which may be filtered out.
    this.#merger = flushEvery > 1 ? new FlushMerger(flushEvery, this.#emit) : undefined
  }

  flush(batch: FlushBatch): void {
    if (this.#merger === undefined) this.#emit(batch)
    else this.#merger.take(batch)
  }

  points(batch: PointBatch): PointBatch {
    return this.#filter?.points(batch) ?? batch
  }

  /** Emits what waits for flushes that will not come any more. */
  end(): void {
    this.#merger?.end()
  }
}

function onlyTaken(decide: Decide | undefined, takes: (series: SeriesIdentity) => boolean): Decide {
  return (identity) => {
    const decided = decide === undefined ? identity : decide(identity)
    return decided !== null && takes(decided) ? decided : null
  }
}
