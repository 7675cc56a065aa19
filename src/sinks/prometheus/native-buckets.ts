import type { NativeHistogram } from '../../model/metric-family.ts'
import type { HistogramOptions } from './mapping.ts'

const FINEST_SCHEMA = 8
const COARSEST_SCHEMA = -4
/** 2^-128. */
const ZERO_THRESHOLD = 2 ** -128

/** Buckets of a native histogram. When there are too many, all are made twice as wide, again and again. */
export class NativeBuckets implements NativeHistogram {
  readonly zeroThreshold = ZERO_THRESHOLD
  readonly #mostBuckets: number
  schema: number
  zeroCount = 0
  positive = new Map<number, number>()
  negative = new Map<number, number>()

  constructor({ nativeBucketFactor, nativeMaxBuckets }: HistogramOptions) {
    this.schema = schemaOf(nativeBucketFactor)
    this.#mostBuckets = nativeMaxBuckets
  }

  add(value: number, weight: number): void {
    if (Math.abs(value) <= ZERO_THRESHOLD) {
      this.zeroCount += weight
      return
    }
    const buckets = value > 0 ? this.positive : this.negative
    const index = nativeBucketIndex(Math.abs(value), this.schema)
    buckets.set(index, (buckets.get(index) ?? 0) + weight)
    while (this.positive.size + this.negative.size > this.#mostBuckets && this.schema > COARSEST_SCHEMA)
      this.#widen()
  }

  #widen(): void {
    this.schema -= 1
    this.positive = widened(this.positive)
    this.negative = widened(this.negative)
  }
}

/** The coarsest schema whose buckets grow by no more than the factor. */
export function schemaOf(factor: number): number {
  const schema = 0 - Math.floor(Math.log2(Math.log2(factor)))
  return Math.min(FINEST_SCHEMA, Math.max(COARSEST_SCHEMA, schema))
}

/** The i for which `value` is in (b^(i-1), b^i], with b = 2^(2^-schema). Of a positive finite value. */
export function nativeBucketIndex(value: number, schema: number): number {
  const exponent = Math.floor(Math.log2(value))
  // Near a power of two the logarithm may be on the wrong side of it.
  const octave = value > 2 ** exponent ? exponent : exponent - 1
  const octaveNow = value > 2 ** (octave + 1) ? octave + 1 : octave
  if (schema <= 0) return Math.ceil((octaveNow + 1) / 2 ** -schema) + 0
  const perOctave = 2 ** schema
  const fraction = value / 2 ** octaveNow
  let index = Math.ceil(Math.log2(fraction) * perOctave)
  while (index > 1 && fraction <= edgeInOctave(index - 1, perOctave)) index -= 1
  while (index < perOctave && fraction > edgeInOctave(index, perOctave)) index += 1
  return octaveNow * perOctave + Math.max(1, index)
}

function edgeInOctave(index: number, perOctave: number): number {
  return 2 ** (index / perOctave)
}

function widened(buckets: ReadonlyMap<number, number>): Map<number, number> {
  const wider = new Map<number, number>()
  for (const [index, count] of buckets) {
    const half = Math.ceil(index / 2)
    wider.set(half, (wider.get(half) ?? 0) + count)
  }
  return wider
}
