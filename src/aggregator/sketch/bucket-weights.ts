import { BUCKET_PLACES, placeOfBucket, placeOfValue } from '../../model/stored-bucket.ts'
import { FINEST_SCALE, type SketchBuckets, type TimerSketch } from '../../model/timer-sketch.ts'

/** How much weight the values of one timer and interval have in each bucket that is stored. One serves all timers, one after the other. */
export class BucketWeights {
  readonly #weights = new Float64Array(BUCKET_PLACES)
  #places: number[] = []

  /** One weight for each value; undefined: each counts once. */
  addValues(values: Float64Array, weights: Float64Array | undefined): void {
    for (let i = 0; i < values.length; i++) this.#add(placeOfValue(values[i] ?? 0), weights?.[i] ?? 1)
  }

  /** Of a coarser scale, what is in a bucket goes to the finest one in its middle. */
  addSketch({ scale, zeroWeight, negative, positive }: TimerSketch): void {
    const shift = FINEST_SCALE - scale
    const addRun = (sign: 1 | -1, { first, weights }: SketchBuckets): void => {
      for (let i = 0; i < weights.length; i++) {
        const index = (first + i) * 2 ** shift + (shift === 0 ? 0 : 2 ** (shift - 1))
        this.#add(placeOfBucket(sign, index), weights[i] ?? 0)
      }
    }
    addRun(-1, negative)
    this.#add(placeOfValue(0), zeroWeight)
    addRun(1, positive)
  }

  /** Hands out what there is, in the order of values, and forgets it. */
  drain(take: (place: number, weight: number) => void): void {
    for (const place of this.#places.sort((a, b) => a - b)) {
      take(place, this.#weights[place] ?? 0)
      this.#weights[place] = 0
    }
    this.#places = []
  }

  #add(place: number, weight: number): void {
    if (weight === 0) return
    const before = this.#weights[place] ?? 0
    if (before === 0) this.#places.push(place)
    this.#weights[place] = before + weight
  }
}
