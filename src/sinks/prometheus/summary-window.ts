import type { SummaryOptions } from './mapping.ts'
import { QuantileStream, QuantileTargets } from './quantile-stream.ts'

/**
 * Quantiles of what came in the last `maxAgeMs`: as many streams as there are age buckets, each begun a step later than the one before, and all
 * given every value. The oldest is asked; at each step it is dropped, and the next is the oldest.
 */
export class SummaryWindow {
  readonly #targets: QuantileTargets
  readonly #stepMs: number
  /** The oldest first. Streams that began at the same time are the same one. */
  #streams: QuantileStream[]
  #nextStepMs: number

  constructor({ quantiles, maxAgeMs, ageBuckets }: SummaryOptions, nowMs: number) {
    this.#targets = new QuantileTargets(quantiles)
    this.#stepMs = maxAgeMs / ageBuckets
    this.#streams = this.#beginAnew(ageBuckets)
    this.#nextStepMs = nowMs + this.#stepMs
  }

  /** `values` ascend, each with how many times it came. */
  insert(values: Float64Array, weights: Float64Array, nowMs: number): void {
    this.#move(nowMs)
    for (const stream of new Set(this.#streams)) stream.insert(values, weights)
  }

  /** NaN if nothing came. */
  quantile(quantile: number, nowMs: number): number {
    this.#move(nowMs)
    return this.#streams[0]?.quantile(quantile) ?? Number.NaN
  }

  #move(nowMs: number): void {
    const steps = Math.floor((nowMs - this.#nextStepMs) / this.#stepMs) + 1
    if (steps <= 0) return
    this.#nextStepMs += steps * this.#stepMs
    const { length } = this.#streams
    this.#streams =
      steps >= length ? this.#beginAnew(length) : [...this.#streams.slice(steps), ...this.#beginAnew(steps)]
  }

  #beginAnew(count: number): QuantileStream[] {
    const stream = new QuantileStream(this.#targets)
    return Array.from({ length: count }, () => stream)
  }
}
