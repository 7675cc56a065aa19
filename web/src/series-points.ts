import type { RenderedSeries } from './api.ts'

/** The points of a series between two times, as they are kept. */
export interface SeriesPoints {
  /** Exclusive. */
  readonly fromSeconds: number
  /** Inclusive. */
  readonly untilSeconds: number
  /** Distance of neighbours; undefined: too few to tell. */
  readonly stepSeconds: number | undefined
  /** Ascending. Only where there is a point; `values[i]` is that of `seconds[i]`. */
  readonly seconds: Float64Array
  readonly values: Float64Array
}

export interface PointRange {
  readonly fromSeconds: number
  readonly untilSeconds: number
}

/** Points of an answer to `/render`; undefined: Kymo has no such series. */
export function readPoints(answer: RenderedSeries | undefined, range: PointRange): SeriesPoints {
  const datapoints = answer?.datapoints ?? []
  const [first, second] = datapoints
  const seconds: number[] = []
  const values: number[] = []
  for (const [value, time] of datapoints) {
    if (value === null) continue
    seconds.push(time)
    values.push(value)
  }
  return {
    ...range,
    stepSeconds: first !== undefined && second !== undefined ? second[1] - first[1] : undefined,
    seconds: Float64Array.from(seconds),
    values: Float64Array.from(values),
  }
}

/** `newer` continues `older` and replaces what both have; what is not after `keepFromSeconds` is let go. */
export function joinPoints(older: SeriesPoints, newer: SeriesPoints, keepFromSeconds: number): SeriesPoints {
  const start = countUpTo(older.seconds, keepFromSeconds)
  const end = Math.max(start, countUpTo(older.seconds, newer.fromSeconds))
  return {
    fromSeconds: Math.max(older.fromSeconds, keepFromSeconds),
    untilSeconds: newer.untilSeconds,
    stepSeconds: newer.stepSeconds ?? older.stepSeconds,
    seconds: concatenate(older.seconds.subarray(start, end), newer.seconds),
    values: concatenate(older.values.subarray(start, end), newer.values),
  }
}

function countUpTo(seconds: Float64Array, limitSeconds: number): number {
  const index = seconds.findIndex((time) => time > limitSeconds)
  return index < 0 ? seconds.length : index
}

function concatenate(first: Float64Array, second: Float64Array): Float64Array {
  const whole = new Float64Array(first.length + second.length)
  whole.set(first)
  whole.set(second, first.length)
  return whole
}
