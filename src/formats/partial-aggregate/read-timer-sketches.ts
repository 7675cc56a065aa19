import {
  bucketRange,
  COARSEST_SCALE,
  FINEST_SCALE,
  MOST_BUCKETS,
  type TimerSketchColumns,
} from '../../model/timer-sketch.ts'
import type { ByteReader } from './byte-reader.ts'

/** Sketches that can be merged and asked whatever their numbers are: each has a weight, in buckets that doubles can be in. */
export function readTimerSketches(reader: ByteReader): TimerSketchColumns {
  const { rows, items } = reader.sectionHeader('timer sketches')
  const valueCounts = reader.float64s(rows)
  reader.check(valueCounts.every(isCount), 'a number of values is none')
  const weightedCounts = reader.float64s(rows)
  reader.check(weightedCounts.every(isTotalWeight), 'a weight is not finite or less than 1')
  const sums = reader.float64s(rows)
  const sumsSquares = reader.float64s(rows)
  const squaredDifferences = reader.float64s(rows)
  reader.check(
    !sumsSquares.some(isNegative) && !squaredDifferences.some(isNegative),
    'a sum of squares is negative',
  )
  const lowers = reader.float64s(rows)
  const uppers = reader.float64s(rows)
  reader.check(
    lowers.every((lower, row) => isRange(lower, uppers[row] ?? Number.NaN)),
    'a range of values is none',
  )
  const zeroWeights = reader.float64s(rows)
  const bucketWeights = reader.float64s(items)
  reader.check(zeroWeights.every(isWeight) && bucketWeights.every(isWeight), 'a bucket has no weight')
  const ids = reader.uint32s(rows)
  const runFirsts = reader.int32s(2 * rows)
  const runEnds = reader.ends(2 * rows, items)
  const scales = reader.int8s(rows)
  reader.check(scales.every(isScale), 'there is no such scale')
  const isWeighted = reader.bytes(rows)
  reader.check(
    isWeighted.every((flag) => flag <= 1),
    'a flag is neither 0 nor 1',
  )
  for (let row = 0; row < rows; row++) {
    const scale = scales[row] ?? 0
    const start = runEnds[2 * row - 1] ?? 0
    const middle = runEnds[2 * row] ?? 0
    const end = runEnds[2 * row + 1] ?? 0
    reader.check(
      isRun(runFirsts[2 * row] ?? 0, middle - start, scale) &&
        isRun(runFirsts[2 * row + 1] ?? 0, end - middle, scale),
      'there are no such buckets',
    )
    const hasWeight =
      (zeroWeights[row] ?? 0) > 0 || bucketWeights.subarray(start, end).some((weight) => weight > 0)
    reader.check(hasWeight, 'a sketch is empty')
  }
  reader.pad()
  return {
    ids,
    isWeighted,
    valueCounts,
    weightedCounts,
    sums,
    sumsSquares,
    squaredDifferences,
    lowers,
    uppers,
    scales,
    zeroWeights,
    runFirsts,
    runEnds,
    bucketWeights,
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1
}

function isTotalWeight(value: number): boolean {
  return Number.isFinite(value) && value >= 1
}

function isWeight(value: number): boolean {
  return Number.isFinite(value) && value >= 0
}

/** NaN is not: like an infinity, it stands for what is too large for a double. */
function isNegative(value: number): boolean {
  return value < 0
}

function isRange(lower: number, upper: number): boolean {
  return Number.isFinite(lower) && Number.isFinite(upper) && lower <= upper
}

function isScale(scale: number): boolean {
  return scale >= COARSEST_SCALE && scale <= FINEST_SCALE
}

function isRun(first: number, length: number, scale: number): boolean {
  if (length === 0) return first === 0
  const { lowest, highest } = bucketRange(scale)
  return length <= MOST_BUCKETS && first >= lowest && first + length - 1 <= highest
}
