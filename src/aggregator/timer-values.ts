/** The values of a timer in one interval, in the order they came. A burst's memory is not kept for good. */
export class TimerValues {
  #values = NONE
  /** Not there while every weight is 1, as most are. */
  #weights: Float64Array | undefined
  #count = 0

  get count(): number {
    return this.#count
  }

  add(value: number, weight: number): void {
    const i = this.#count
    if (i === this.#values.length) this.#grow()
    if (weight !== 1 && this.#weights === undefined) this.#weights = onesOf(this.#values.length)
    this.#values[i] = value
    if (this.#weights !== undefined) this.#weights[i] = weight
    this.#count++
  }

  /** One weight for each value, or undefined: each is 1. */
  addAll(values: Float64Array, weights: Float64Array | undefined): void {
    const end = this.#count + values.length
    while (end > this.#values.length) this.#grow()
    if (weights !== undefined && this.#weights === undefined) this.#weights = onesOf(this.#values.length)
    this.#values.set(values, this.#count)
    if (weights !== undefined) this.#weights?.set(weights, this.#count)
    this.#count = end
  }

  /** Every weight is 1. */
  get isUnweighted(): boolean {
    return this.#weights === undefined
  }

  /** Good until the next value. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.#count)
  }

  /** One for each value. Good until the next value. */
  get weights(): Float64Array {
    return this.#weights?.subarray(0, this.#count) ?? onesOf(this.#count)
  }

  clear(): void {
    if (this.#count * WASTEFUL < this.#values.length) this.#values = NONE
    this.#weights = undefined
    this.#count = 0
  }

  #grow(): void {
    const capacity = Math.max(FIRST_VALUES, this.#values.length * 2)
    this.#values = grown(this.#values, new Float64Array(capacity))
    if (this.#weights !== undefined) this.#weights = grown(this.#weights, onesOf(capacity))
  }
}

function grown(small: Float64Array, large: Float64Array): Float64Array {
  large.set(small)
  return large
}

function onesOf(length: number): Float64Array {
  return new Float64Array(length).fill(1)
}

const NONE: Float64Array = new Float64Array(0)
/** So many lie inside their object; more are memory of their own. */
const FIRST_VALUES = 8
/** Room for so many times the values that came is given back. */
const WASTEFUL = 4
