import type { SeriesIdentity } from '../model/series-identity.ts'
import type { RowSource } from './flush-rows.ts'

/** Rows up to `end` are of `source`; those behind, of the next. */
export interface RowPart {
  readonly source: RowSource
  end: number
}

/** Whose each row is: of which slot and column of its source. */
export interface RowPlaces {
  readonly parts: readonly RowPart[]
  readonly slots: Uint32Array
  readonly columns: Uint16Array
}

/**
 * What one flush leaves to the next, which is likely to have the same rows: their series. While they are the same, it is the same array, and
 * whoever takes the batch can see at a glance that nothing is new.
 */
export class FlushRoom {
  #series: readonly SeriesIdentity[] = []

  /** As many as the last flush had that somebody wanted: so many rows the next one had better have room for. */
  get rows(): number {
    return Math.max(FIRST_ROWS, this.#series.length)
  }

  seriesOf({ parts, slots, columns }: RowPlaces, count: number): readonly SeriesIdentity[] {
    const last = this.#series
    let series = last.length === count ? last : begunLike(last, 0, count)
    let row = 0
    for (const { source, end } of parts) {
      for (; row < end; row++) {
        const identity = source.identityOf(slots[row] as number, columns[row] as number)
        if (series === last) {
          if (last[row] === identity) continue
          series = begunLike(last, row, count)
        }
        ;(series as SeriesIdentity[])[row] = identity
      }
    }
    this.#series = series
    return series
  }
}

/** Room for so many, of which the first ones are there. */
function begunLike(last: readonly SeriesIdentity[], rows: number, count: number): SeriesIdentity[] {
  const series: SeriesIdentity[] = []
  series.length = count
  for (let row = 0; row < rows; row++) series[row] = last[row] as SeriesIdentity
  return series
}

const FIRST_ROWS = 64
