import { FINEST_SCALE, type SketchBuckets, type TimerSketch } from '../../model/timer-sketch.ts'
import { bucketIndex, bucketMiddle } from '../../model/bucket-index.ts'
import { BucketRun } from './bucket-run.ts'

/**
 * Any number of weighted values in bounded memory: totals are exact, and each value is known by its bucket, 32 to the
 * octave, which is right to 1.1 %. Values further apart than 32 octaves halve the number of buckets per octave, as often as it
 * takes, which doubles the error each time.
 *
 *   buckets   ... (0.978, 1]  (1, 1.022]  (1.022, 1.044] ...    and as many of negative values; 0 has one of its own
 *   weights             3          0.5           17
 *
 * Sketches merge into what one sketch of all their values would be. docs/decisions/0005-timer-sketch.md says why this one.
 */
export class ExponentialSketch {
  /** Sums and buckets weigh each value; if not, each counts once there. */
  readonly isWeighted: boolean
  readonly #positive = new BucketRun()
  readonly #negative = new BucketRun()
  /** How often buckets were halved. */
  #collapses = 0
  /** Doubles, in the order of the constants below: fields of their own would be boxed. */
  readonly #totals = new Float64Array(TOTALS)
  #valueCount = 0

  constructor(isWeighted: boolean) {
    this.isWeighted = isWeighted
    // -0 is what a sum of -0 stays at.
    this.#totals[SUM] = -0
    this.#totals[LOWER] = Number.POSITIVE_INFINITY
    this.#totals[UPPER] = Number.NEGATIVE_INFINITY
  }

  /** The hot path: no allocation but for new buckets, no logarithm. The value is finite, the weight more than 0. */
  add(value: number, weight: number): void {
    const totals = this.#totals
    const share = this.isWeighted ? weight : 1
    if (this.#valueCount === 0) totals[CENTRE] = value
    this.#valueCount++
    const distance = value - (totals[CENTRE] ?? 0)
    totals[WEIGHTED_COUNT] = (totals[WEIGHTED_COUNT] ?? 0) + weight
    totals[SUM] = (totals[SUM] ?? 0) + share * value
    totals[SUM_SQUARES] = (totals[SUM_SQUARES] ?? 0) + share * (value * value)
    totals[CENTRED_SUM] = (totals[CENTRED_SUM] ?? 0) + share * distance
    totals[CENTRED_SQUARES] = (totals[CENTRED_SQUARES] ?? 0) + share * (distance * distance)
    totals[LOWER] = Math.min(totals[LOWER] ?? 0, value)
    totals[UPPER] = Math.max(totals[UPPER] ?? 0, value)
    this.#addToBucket(value, share)
  }

  /** One weight for each value, or undefined: each is 1. It comes to what `add` would, to the last bit. */
  addAll(values: Float64Array, weights: Float64Array | undefined): void {
    if (weights === undefined) return this.#addPlain(values)
    for (let i = 0; i < values.length; i++) this.add(values[i] ?? 0, weights[i] ?? 1)
  }

  /** Values by the hundred: totals are read and written once for all of them. */
  #addPlain(values: Float64Array): void {
    const count = values.length
    if (count === 0) return
    const totals = this.#totals
    if (this.#valueCount === 0) totals[CENTRE] = values[0] as number
    this.#valueCount += count
    const centre = totals[CENTRE] as number
    let weightedCount = totals[WEIGHTED_COUNT] as number
    let sum = totals[SUM] as number
    let sumSquares = totals[SUM_SQUARES] as number
    let centredSum = totals[CENTRED_SUM] as number
    let centredSquares = totals[CENTRED_SQUARES] as number
    let lower = totals[LOWER] as number
    let upper = totals[UPPER] as number
    for (let i = 0; i < count; i++) {
      const value = values[i] as number
      const distance = value - centre
      weightedCount += 1
      sum += value
      sumSquares += value * value
      centredSum += distance
      centredSquares += distance * distance
      lower = Math.min(lower, value)
      upper = Math.max(upper, value)
    }
    totals[WEIGHTED_COUNT] = weightedCount
    totals[SUM] = sum
    totals[SUM_SQUARES] = sumSquares
    totals[CENTRED_SUM] = centredSum
    totals[CENTRED_SQUARES] = centredSquares
    totals[LOWER] = lower
    totals[UPPER] = upper
    for (let i = 0; i < count; i++) this.#addToBucket(values[i] as number, 1)
  }

  /**
   * Adds all values of another, of any scale. One that weighs its values otherwise, because the configuration has changed in
   * between, is taken as if all its values had the same weight.
   */
  merge(other: TimerSketch): void {
    const totals = this.#totals
    const ratio = other.weightedCount / other.valueCount
    const factor = other.isWeighted === this.isWeighted ? 1 : this.isWeighted ? ratio : 1 / ratio
    const otherLength = other.isWeighted ? other.weightedCount : other.valueCount
    const otherMean = other.sum / otherLength
    if (this.#valueCount === 0) totals[CENTRE] = otherMean
    const distance = otherMean - (totals[CENTRE] ?? 0)
    this.#valueCount += other.valueCount
    this.#addTotal(WEIGHTED_COUNT, other.weightedCount)
    this.#addTotal(SUM, factor * other.sum)
    this.#addTotal(SUM_SQUARES, factor * other.sumSquares)
    this.#addTotal(CENTRED_SUM, factor * otherLength * distance)
    this.#addTotal(CENTRED_SQUARES, factor * (other.squaredDifferences + otherLength * distance * distance))
    this.#addTotal(ZERO_WEIGHT, factor * other.zeroWeight)
    totals[LOWER] = Math.min(this.lower, other.lower)
    totals[UPPER] = Math.max(this.upper, other.upper)
    while (this.scale > other.scale) this.#collapse()
    this.#mergeRun(this.#positive, other.positive, other.scale, factor)
    this.#mergeRun(this.#negative, other.negative, other.scale, factor)
  }

  /** An octave has 2^scale buckets. */
  get scale(): number {
    return FINEST_SCALE - this.#collapses
  }

  get valueCount(): number {
    return this.#valueCount
  }

  get weightedCount(): number {
    return this.#totals[WEIGHTED_COUNT] ?? 0
  }

  /** What the weights that its sums and buckets have add up to. */
  get length(): number {
    return this.isWeighted ? this.weightedCount : this.#valueCount
  }

  get lower(): number {
    return this.#totals[LOWER] ?? 0
  }

  get upper(): number {
    return this.#totals[UPPER] ?? 0
  }

  get sum(): number {
    return this.#totals[SUM] ?? 0
  }

  get sumSquares(): number {
    return this.#totals[SUM_SQUARES] ?? 0
  }

  /** Sum of the squares of the differences from the mean. */
  get squaredDifferences(): number {
    const centredSum = this.#totals[CENTRED_SUM] ?? 0
    return Math.max(0, (this.#totals[CENTRED_SQUARES] ?? 0) - centredSum * (centredSum / this.length))
  }

  get mean(): number {
    return this.sum / this.length
  }

  /** Bytes of its numbers. */
  get sizeBytes(): number {
    const { byteLength } = this.#totals
    return byteLength + this.#positive.weights.byteLength + this.#negative.weights.byteLength
  }

  /** What it knows of single values, ascending: one for each bucket that has any, and their weight. */
  buckets(): { readonly values: Float64Array; readonly weights: Float64Array } {
    const values: number[] = []
    const weights: number[] = []
    const { scale, lower, upper } = this
    const push = (value: number, weight: number): void => {
      if (weight === 0) return
      values.push(Math.min(Math.max(value, lower), upper))
      weights.push(weight)
    }
    const { negative, positive } = this.state()
    for (let i = negative.weights.length - 1; i >= 0; i--) {
      push(-bucketMiddle(negative.first + i, scale), negative.weights[i] ?? 0)
    }
    push(0, this.#totals[ZERO_WEIGHT] ?? 0)
    for (const [i, weight] of positive.weights.entries()) {
      push(bucketMiddle(positive.first + i, scale), weight)
    }
    return { values: Float64Array.from(values), weights: Float64Array.from(weights) }
  }

  /** All of it, to be merged elsewhere. Copied; numbers that have to be finite are. */
  state(): TimerSketch {
    const { isWeighted, scale, lower, upper, sum, sumSquares, squaredDifferences } = this
    return {
      isWeighted,
      valueCount: Math.min(this.#valueCount, Number.MAX_SAFE_INTEGER),
      weightedCount: finite(this.weightedCount),
      sum,
      sumSquares,
      squaredDifferences,
      lower,
      upper,
      scale,
      zeroWeight: finite(this.#totals[ZERO_WEIGHT] ?? 0),
      negative: stateOf(this.#negative),
      positive: stateOf(this.#positive),
    }
  }

  #addTotal(total: number, amount: number): void {
    this.#totals[total] = (this.#totals[total] ?? 0) + amount
  }

  #addToBucket(value: number, share: number): void {
    if (value > 0) this.#addTo(this.#positive, bucketIndex(value) >> this.#collapses, share)
    else if (value < 0) this.#addTo(this.#negative, bucketIndex(-value) >> this.#collapses, share)
    else this.#totals[ZERO_WEIGHT] = (this.#totals[ZERO_WEIGHT] ?? 0) + share
  }

  #addTo(run: BucketRun, index: number, weight: number): void {
    const at = index - run.first
    const { weights } = run
    if (at >= 0 && at < weights.length) weights[at] = (weights[at] ?? 0) + weight
    else this.#addOutside(run, index, weight)
  }

  #addOutside(run: BucketRun, index: number, weight: number): void {
    let at = index
    while (!run.cover(at, at)) {
      this.#collapse()
      at >>= 1
    }
    run.weights[at - run.first] = (run.weights[at - run.first] ?? 0) + weight
  }

  #mergeRun(run: BucketRun, { first, weights }: SketchBuckets, otherScale: number, factor: number): void {
    if (weights.length === 0) return
    const last = first + weights.length - 1
    let shift = otherScale - this.scale
    while (!run.cover(first >> shift, last >> shift)) {
      this.#collapse()
      shift++
    }
    for (const [i, weight] of weights.entries()) {
      const at = ((first + i) >> shift) - run.first
      run.weights[at] = (run.weights[at] ?? 0) + factor * weight
    }
  }

  #collapse(): void {
    this.#collapses++
    this.#positive.collapse()
    this.#negative.collapse()
  }
}

const WEIGHTED_COUNT = 0
const SUM = 1
const SUM_SQUARES = 2
const LOWER = 3
const UPPER = 4
const ZERO_WEIGHT = 5
/** Squares of differences from some value among the others lose no digits that matter, unlike squares of the values. */
const CENTRE = 6
const CENTRED_SUM = 7
const CENTRED_SQUARES = 8
const TOTALS = 9

function stateOf(run: BucketRun): SketchBuckets {
  const used = run.used()
  if (used === undefined) return { first: 0, weights: new Float64Array(0) }
  const weights = run.weights.slice(used.low - run.first, used.high - run.first + 1)
  return { first: used.low, weights: weights.map(finite) }
}

/** Sample rates may be so small that two weights are too much for a double. */
function finite(weight: number): number {
  return Math.min(weight, Number.MAX_VALUE)
}
