import { bridgePauses } from '../charts/bridge-pauses.ts'

/**
 * Points of several series on one axis of time, as numbers alone: so they go from thread to thread without being copied. A column has a number for each
 * time; NaN is a gap, and OF_OTHERS a time that only other series have: the line goes on over it.
 */
export interface Aligned {
  /** Ascending. */
  readonly times: Float64Array
  readonly columns: readonly Float64Array[]
}

export const OF_OTHERS = Number.POSITIVE_INFINITY

/** One series by itself. */
export interface SeriesColumn {
  readonly times: Float64Array
  /** NaN: a gap. */
  readonly values: Float64Array
}

export const NOTHING_ALIGNED: Aligned = { times: new Float64Array(), columns: [] }

export function alignSeries(series: readonly SeriesColumn[]): Aligned {
  const times = series.every((one) => isSameTimes(one.times, series[0]?.times ?? one.times))
    ? (series[0]?.times ?? new Float64Array())
    : unionOf(series)
  const { aligned } = allocate(times.length, series.length)
  aligned.times.set(times)
  for (const [index, column] of aligned.columns.entries()) {
    const one = series[index] as SeriesColumn
    // Fast path: all have the same times, as series of one target mostly do.
    if (one.times.length === times.length) column.set(one.values)
    else spread(one, times, column)
  }
  return aligned
}

/** The same in another buffer, which can be given away. */
export function copyAligned({ times, columns }: Aligned): {
  readonly copy: Aligned
  readonly buffer: ArrayBuffer
} {
  const { aligned: copy, buffer } = allocate(times.length, columns.length)
  copy.times.set(times)
  for (const [index, column] of copy.columns.entries()) column.set(columns[index] as Float64Array)
  return { copy, buffer }
}

/** All of it lies in one buffer. */
function allocate(length: number, columnCount: number): { aligned: Aligned; buffer: ArrayBuffer } {
  const all = new Float64Array(length * (columnCount + 1))
  const columns = Array.from({ length: columnCount }, (_, index) =>
    all.subarray(length * (index + 1), length * (index + 2)),
  )
  return { aligned: { times: all.subarray(0, length), columns }, buffer: all.buffer }
}

/** As uPlot has them: null is a gap, undefined none. */
export function plotColumns({ times, columns }: Aligned): [number[], ...(number | null | undefined)[][]] {
  return [
    Array.from(times),
    ...columns.map((column) =>
      bridgePauses(
        times,
        Array.from(column, (value) => (value === OF_OTHERS ? undefined : Number.isNaN(value) ? null : value)),
      ),
    ),
  ]
}

/** undefined: there is no value. */
export function valueAt(column: Float64Array | undefined, index: number): number | undefined {
  const value = column?.[index]
  return value === undefined || !Number.isFinite(value) ? undefined : value
}

function isSameTimes(one: Float64Array, other: Float64Array): boolean {
  return one === other || (one.length === other.length && one.every((seconds, i) => seconds === other[i]))
}

function unionOf(series: readonly SeriesColumn[]): Float64Array {
  const all = new Set<number>()
  for (const { times } of series) for (const seconds of times) all.add(seconds)
  return Float64Array.from(all).sort()
}

function spread({ times, values }: SeriesColumn, onto: Float64Array, column: Float64Array): void {
  column.fill(OF_OTHERS)
  let index = 0
  for (const [i, seconds] of times.entries()) {
    while ((onto[index] ?? seconds) < seconds) index++
    column[index] = values[i] ?? Number.NaN
  }
}
