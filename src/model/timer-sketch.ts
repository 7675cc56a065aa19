/**
 * Base-2 exponential buckets, as OpenTelemetry and Prometheus' native histograms have them. At scale s bucket i takes the
 * values above 2^(i / 2^s), up to and with 2^((i + 1) / 2^s): an octave has 2^s buckets, and two neighbours of one scale
 * are one bucket of the next lower: i >> 1.
 */
export const FINEST_SCALE = 5
/** At which all doubles fit into MOST_BUCKETS. */
export const COARSEST_SCALE = -2
/** More buckets side by side than this are never held: 32 octaves at scale 5, as from a microsecond to an hour. */
export const MOST_BUCKETS = 1024

/** The lowest bucket that a double can be in, and the highest. */
export function bucketRange(scale: number): { readonly lowest: number; readonly highest: number } {
  const shift = FINEST_SCALE - scale
  const octaveBuckets = 1 << FINEST_SCALE
  // 2^-1074, the smallest double, is the last value of its bucket.
  return { lowest: (-1074 * octaveBuckets - 1) >> shift, highest: (1024 * octaveBuckets - 1) >> shift }
}

/**
 * What many values of a timer come to: exact totals, and how much weight lies in each of some exponential buckets. One
 * row of TimerSketchColumns. aggregator/sketch/ adds to it and reads it.
 */
export interface TimerSketch {
  /** Sums and buckets weigh each value; if not, each counts once there, and weights are in `weightedCount` alone. */
  readonly isWeighted: boolean
  readonly valueCount: number
  /** Sum of the weights. */
  readonly weightedCount: number
  /** Of the values, their squares, and the squares of their differences from their mean. Not finite: too large for a double. */
  readonly sum: number
  readonly sumSquares: number
  readonly squaredDifferences: number
  readonly lower: number
  readonly upper: number
  readonly scale: number
  readonly zeroWeight: number
  /** By their distance from 0. */
  readonly negative: SketchBuckets
  readonly positive: SketchBuckets
}

/** Bucket `first + i` has `weights[i]`. */
export interface SketchBuckets {
  /** 0 if there are none. */
  readonly first: number
  readonly weights: Float64Array
}

export interface TimerSketchColumns {
  readonly ids: Uint32Array
  readonly isWeighted: Uint8Array
  readonly valueCounts: Float64Array
  readonly weightedCounts: Float64Array
  readonly sums: Float64Array
  readonly sumsSquares: Float64Array
  readonly squaredDifferences: Float64Array
  readonly lowers: Float64Array
  readonly uppers: Float64Array
  readonly scales: Int8Array
  readonly zeroWeights: Float64Array
  /** Two runs of buckets per row, negative and positive: run j has `bucketWeights[runEnds[j - 1] .. runEnds[j])`. */
  readonly runFirsts: Int32Array
  readonly runEnds: Uint32Array
  readonly bucketWeights: Float64Array
}

export function toTimerSketchColumns(
  rows: readonly (readonly [id: number, sketch: TimerSketch])[],
): TimerSketchColumns {
  const numbers = (read: (sketch: TimerSketch) => number) =>
    Float64Array.from(rows, ([, sketch]) => read(sketch))
  const runs = rows.flatMap(([, { negative, positive }]) => [negative, positive])
  const runEnds = new Uint32Array(runs.length)
  let end = 0
  for (const [run, { weights }] of runs.entries()) {
    end += weights.length
    runEnds[run] = end
  }
  const bucketWeights = new Float64Array(end)
  for (const [run, { weights }] of runs.entries())
    bucketWeights.set(weights, (runEnds[run] ?? 0) - weights.length)
  return {
    ids: Uint32Array.from(rows, ([id]) => id),
    isWeighted: Uint8Array.from(rows, ([, { isWeighted }]) => (isWeighted ? 1 : 0)),
    valueCounts: numbers(({ valueCount }) => valueCount),
    weightedCounts: numbers(({ weightedCount }) => weightedCount),
    sums: numbers(({ sum }) => sum),
    sumsSquares: numbers(({ sumSquares }) => sumSquares),
    squaredDifferences: numbers(({ squaredDifferences }) => squaredDifferences),
    lowers: numbers(({ lower }) => lower),
    uppers: numbers(({ upper }) => upper),
    scales: Int8Array.from(rows, ([, { scale }]) => scale),
    zeroWeights: numbers(({ zeroWeight }) => zeroWeight),
    runFirsts: Int32Array.from(runs, ({ first }) => first),
    runEnds,
    bucketWeights,
  }
}

/** One row. Its buckets are those of the columns, not a copy. */
export function timerSketchAt(columns: TimerSketchColumns, row: number): TimerSketch {
  const buckets = (run: number): SketchBuckets => ({
    first: columns.runFirsts[run] ?? 0,
    weights: columns.bucketWeights.subarray(columns.runEnds[run - 1] ?? 0, columns.runEnds[run]),
  })
  return {
    isWeighted: columns.isWeighted[row] === 1,
    valueCount: columns.valueCounts[row] ?? 0,
    weightedCount: columns.weightedCounts[row] ?? 0,
    sum: columns.sums[row] ?? 0,
    sumSquares: columns.sumsSquares[row] ?? 0,
    squaredDifferences: columns.squaredDifferences[row] ?? 0,
    lower: columns.lowers[row] ?? 0,
    upper: columns.uppers[row] ?? 0,
    scale: columns.scales[row] ?? 0,
    zeroWeight: columns.zeroWeights[row] ?? 0,
    negative: buckets(2 * row),
    positive: buckets(2 * row + 1),
  }
}

/** Shards hand over every value; sketches are made where shards are merged. */
export const NO_TIMER_SKETCHES = toTimerSketchColumns([])
