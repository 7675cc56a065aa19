import { layLine, readLine } from '../timer-line.ts'
import type { TimerStatistics, TimerStatisticsOptions } from '../timer-statistics.ts'
import type { ExponentialSketch } from './exponential-sketch.ts'

/**
 * The statistics of a timer that has too many values to keep, as the sketch weighs them. Exact, but for the order of addition, are
 * `count`, `lower`, `upper`, `mean`, `std`, `sum` and `sumSquares`. The rest is read from a line on which each bucket
 * is one value: right to 1.1 % of each value that counts in it. A bin has the values of the buckets whose middle is below its
 * edge, which is to say that an edge is off by 1.1 % at most.
 */
export function computeSketchStatistics(
  sketch: ExponentialSketch,
  options: Pick<TimerStatisticsOptions, 'percentiles' | 'upperEdges'>,
): TimerStatistics {
  const { lower, upper, sum, sumSquares, mean, length } = sketch
  const { values, weights } = sketch.buckets()
  const line = layLine(values, weights)
  const { median, percentiles, bins } = readLine(line, { lower, upper, sum, sumSquares }, options)
  return {
    count: sketch.weightedCount,
    lower,
    upper,
    mean,
    median,
    std: Math.sqrt(sketch.squaredDifferences / length),
    sum,
    sumSquares,
    percentiles,
    bins,
  }
}
