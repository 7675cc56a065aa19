import type { RenderedSeries } from '../api.ts'

/** What the table says of a series; null: it has no value. */
export interface SeriesStats {
  readonly min: number | null
  readonly avg: number | null
  readonly max: number | null
  readonly last: number | null
}

export function statsOf({ datapoints }: Pick<RenderedSeries, 'datapoints'>): SeriesStats {
  let count = 0
  let mean = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let last: number | null = null
  for (const [value] of datapoints) {
    if (value === null) continue
    count++
    mean += (value - mean) / count
    min = Math.min(min, value)
    max = Math.max(max, value)
    last = value
  }
  return count === 0 ? { min: null, avg: null, max: null, last: null } : { min, avg: mean, max, last }
}

/** Series may come in different steps: their points on the union of their times, ascending. */
export interface Aligned {
  readonly times: readonly number[]
  readonly columns: readonly (readonly (number | null | undefined)[])[]
}

export function alignSeries(series: readonly Pick<RenderedSeries, 'datapoints'>[]): Aligned {
  // Fast path: all have the same times, as series of one target mostly do.
  const times = (series[0]?.datapoints ?? []).map(([, seconds]) => seconds)
  const isOneGrid = series.every(
    ({ datapoints }) =>
      datapoints.length === times.length && datapoints.every(([, seconds], i) => seconds === times[i]),
  )
  if (!isOneGrid) return alignTimes(series)
  return { times, columns: series.map(({ datapoints }) => datapoints.map(([value]) => value)) }
}

function alignTimes(series: readonly Pick<RenderedSeries, 'datapoints'>[]): Aligned {
  const times = [
    ...new Set(series.flatMap(({ datapoints }) => datapoints.map(([, seconds]) => seconds))),
  ].toSorted((a, b) => a - b)
  const indices = new Map(times.map((seconds, index) => [seconds, index]))
  const columns = series.map(({ datapoints }) => {
    // undefined is no gap to uPlot: the line goes on over times that only others have.
    const column: (number | null | undefined)[] = Array.from({ length: times.length }, () => undefined)
    for (const [value, seconds] of datapoints) column[indices.get(seconds) ?? 0] = value
    return column
  })
  return { times, columns }
}
