import type { OtlpBuckets, OtlpExponentialHistogram, Temporality } from '../../formats/otlp/otlp-point.ts'
import { bucketIndex } from '../../model/bucket-index.ts'
import type { TimerDetail } from '../../model/flush-details.ts'
import { FINEST_SCALE, type SketchBuckets, type TimerSketch } from '../../model/timer-sketch.ts'

/**
 * How the values of a timer are spread, in exponential buckets (src/model/timer-sketch.ts has the same): values, sketches and other
 * distributions are added to it.
 */
export class Distribution {
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #scale = FINEST_SCALE
  #zeroWeight = 0
  /** By bucket. */
  #positive = new Map<number, number>()
  #negative = new Map<number, number>()

  addDetail({ values, weights, sketch }: TimerDetail): void {
    if (sketch !== undefined) return this.#addSketch(sketch)
    for (let i = 0; i < values.length; i++) this.#addValue(values[i] as number, weights?.[i] ?? 1)
  }

  add(other: Distribution): void {
    this.#sum += other.#sum
    this.#min = Math.min(this.#min, other.#min)
    this.#max = Math.max(this.#max, other.#max)
    this.#zeroWeight += other.#zeroWeight
    const shift = this.#meet(other.#scale)
    for (const [index, weight] of other.#positive) addTo(this.#positive, index >> shift, weight)
    for (const [index, weight] of other.#negative) addTo(this.#negative, index >> shift, weight)
  }

  /**
   * The same with whole weights: a value of a sample rate of 0.3 counts 3.33 times, and a histogram has whole counts. What is
   * rounded off in one bucket is made up for in the next, so that the sum of all is right.
   */
  toWhole(): Distribution {
    const whole = new Distribution()
    whole.#sum = this.#sum
    whole.#min = this.#min
    whole.#max = this.#max
    whole.#scale = this.#scale
    const round = createRounding()
    whole.#zeroWeight = round(this.#zeroWeight)
    whole.#positive = new Map([...this.#positive].map(([index, weight]) => [index, round(weight)]))
    whole.#negative = new Map([...this.#negative].map(([index, weight]) => [index, round(weight)]))
    return whole
  }

  /** Of a distribution with whole weights. With more than `mostBuckets` on one side of 0, buckets are made wider. */
  toHistogram(temporality: Temporality, mostBuckets: number): OtlpExponentialHistogram {
    let shift = 0
    while (spanOf(this.#positive, shift) > mostBuckets || spanOf(this.#negative, shift) > mostBuckets) shift++
    const positive = toBuckets(this.#positive, shift)
    const negative = toBuckets(this.#negative, shift)
    const count = [...positive.counts, ...negative.counts].reduce((a, b) => a + b, this.#zeroWeight)
    return {
      kind: 'exponential histogram',
      temporality,
      count,
      sum: this.#sum,
      min: count === 0 ? undefined : this.#min,
      max: count === 0 ? undefined : this.#max,
      scale: this.#scale - shift,
      zeroCount: this.#zeroWeight,
      positive,
      negative,
    }
  }

  #addValue(value: number, weight: number): void {
    this.#sum += value * weight
    this.#min = Math.min(this.#min, value)
    this.#max = Math.max(this.#max, value)
    const shift = FINEST_SCALE - this.#scale
    if (value > 0) addTo(this.#positive, bucketIndex(value) >> shift, weight)
    else if (value < 0) addTo(this.#negative, bucketIndex(-value) >> shift, weight)
    else this.#zeroWeight += weight
  }

  #addSketch({ sum, lower, upper, scale, zeroWeight, positive, negative }: TimerSketch): void {
    this.#sum += sum
    this.#min = Math.min(this.#min, lower)
    this.#max = Math.max(this.#max, upper)
    this.#zeroWeight += zeroWeight
    const shift = this.#meet(scale)
    addBuckets(this.#positive, positive, shift)
    addBuckets(this.#negative, negative, shift)
  }

  /** Both at the coarser of the two scales: returns by how much the other has to be shifted. */
  #meet(scale: number): number {
    if (scale < this.#scale) {
      const shift = this.#scale - scale
      this.#positive = widened(this.#positive, shift)
      this.#negative = widened(this.#negative, shift)
      this.#scale = scale
    }
    return scale - this.#scale
  }
}

function createRounding(): (weight: number) => number {
  let exact = 0
  let given = 0
  return (weight) => {
    exact += weight
    const whole = Math.max(0, Math.round(exact) - given)
    given += whole
    return whole
  }
}

function addTo(buckets: Map<number, number>, index: number, weight: number): void {
  buckets.set(index, (buckets.get(index) ?? 0) + weight)
}

function addBuckets(into: Map<number, number>, { first, weights }: SketchBuckets, shift: number): void {
  for (const [i, weight] of weights.entries()) if (weight > 0) addTo(into, (first + i) >> shift, weight)
}

function widened(buckets: ReadonlyMap<number, number>, shift: number): Map<number, number> {
  const wider = new Map<number, number>()
  for (const [index, weight] of buckets) addTo(wider, index >> shift, weight)
  return wider
}

function spanOf(buckets: ReadonlyMap<number, number>, shift: number): number {
  if (buckets.size === 0) return 0
  const { lowest, highest } = rangeOf(buckets)
  return (highest >> shift) - (lowest >> shift) + 1
}

function toBuckets(buckets: ReadonlyMap<number, number>, shift: number): OtlpBuckets {
  if (buckets.size === 0) return { offset: 0, counts: [] }
  const { lowest } = rangeOf(buckets)
  const offset = lowest >> shift
  const counts = Array.from({ length: spanOf(buckets, shift) }, () => 0)
  for (const [index, weight] of buckets) {
    const place = (index >> shift) - offset
    counts[place] = (counts[place] as number) + weight
  }
  return { offset, counts }
}

function rangeOf(buckets: ReadonlyMap<number, number>): {
  readonly lowest: number
  readonly highest: number
} {
  let lowest = Number.POSITIVE_INFINITY
  let highest = Number.NEGATIVE_INFINITY
  for (const index of buckets.keys()) {
    lowest = Math.min(lowest, index)
    highest = Math.max(highest, index)
  }
  return { lowest, highest }
}
