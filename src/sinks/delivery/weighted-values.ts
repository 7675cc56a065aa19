import { bucketMiddle } from '../../model/bucket-index.ts'
import type { TimerDetail } from '../../model/flush-details.ts'
import type { SketchBuckets, TimerSketch } from '../../model/timer-sketch.ts'

/**
 * The values of a timer for wires that have no weights: each as often as its sample rate says. Where that is more than `mostValues`, all
 * are fewer in proportion. Of a sketch, what stands for each bucket, right to 1.1 %.
 */
export function weightedValues({ values, weights, sketch }: TimerDetail, mostValues: number): number[] {
  if (sketch === undefined && weights === undefined && values.length <= mostValues) return [...values]
  const entries = sketch === undefined ? weighValues(values, weights) : [...weighBuckets(sketch)]
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0)
  const share = Math.min(1, mostValues / total)
  const repeated: number[] = []
  // What is rounded away at one value counts at the next, so that the number of all is right.
  let owed = 0
  for (const [value, weight] of entries) {
    owed += weight * share
    const count = Math.round(owed)
    owed -= count
    for (let index = 0; index < count; index += 1) repeated.push(value)
  }
  return repeated
}

type Weighed = readonly [value: number, weight: number]

function weighValues(values: Float64Array, weights: Float64Array | undefined): Weighed[] {
  return Array.from(values, (value, index): Weighed => [value, weights?.[index] ?? 1])
}

function* weighBuckets({
  negative,
  positive,
  zeroWeight,
  scale,
  lower,
  upper,
}: TimerSketch): Generator<Weighed> {
  const within = (value: number): number => Math.min(upper, Math.max(lower, value))
  for (const [index, weight] of bucketsOf(negative)) yield [within(-bucketMiddle(index, scale)), weight]
  if (zeroWeight > 0) yield [0, zeroWeight]
  for (const [index, weight] of bucketsOf(positive)) yield [within(bucketMiddle(index, scale)), weight]
}

function* bucketsOf({ first, weights }: SketchBuckets): Generator<readonly [index: number, weight: number]> {
  for (const [place, weight] of weights.entries()) if (weight > 0) yield [first + place, weight]
}
