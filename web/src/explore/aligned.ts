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

/** All of it lies in one buffer. */
export function alignSeries(series: readonly SeriesColumn[]): Aligned {
  const times = series.every((one) => isSameTimes(one.times, series[0]?.times ?? one.times))
    ? (series[0]?.times ?? new Float64Array())
    : unionOf(series)
  const all = new Float64Array(times.length * (series.length + 1))
  all.set(times)
  const columns = series.map((one, index) => {
    const column = all.subarray(times.length * (index + 1), times.length * (index + 2))
    // Fast path: all have the same times, as series of one target mostly do.
    if (one.times.length === times.length) column.set(one.values)
    else spread(one, times, column)
    return column
  })
  return { times: all.subarray(0, times.length), columns }
}

/** The same in another buffer, which can be given away. */
export function copyAligned({ times, columns }: Aligned): {
  readonly copy: Aligned
  readonly buffer: ArrayBuffer
} {
  const { length } = times
  const all = new Float64Array(length * (columns.length + 1))
  all.set(times)
  for (const [index, column] of columns.entries()) all.set(column, length * (index + 1))
  return {
    copy: {
      times: all.subarray(0, length),
      columns: columns.map((_, index) => all.subarray(length * (index + 1), length * (index + 2))),
    },
    buffer: all.buffer,
  }
}

/** As uPlot has them: null is a gap, undefined none. */
export function plotColumns({ times, columns }: Aligned): [number[], ...(number | null | undefined)[][]] {
  return [
    Array.from(times),
    ...columns.map((column) =>
      Array.from(column, (value) => (value === OF_OTHERS ? undefined : Number.isNaN(value) ? null : value)),
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
