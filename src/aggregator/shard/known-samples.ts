import type { Accumulators } from './accumulators.ts'
import { type LineValue, MINUS } from './line-value.ts'
import {
  ID,
  KIND_COUNTER,
  KIND_EXCLUDED,
  KIND_GAUGE,
  KIND_MASK,
  KIND_TIMER,
  SIGN_IS_DELTA,
  TAKES_MINUS,
  TAKES_PLUS,
  TARGET,
  USED_IN,
  WEIGHT_SHIFT,
} from './record.ts'
import { UNIT_BYTES } from './series-records.ts'

/** Takes the samples of known lines: what the decoder made of the first line of a shape, with the value of this one. */
export class KnownSamples {
  /** When the lines that follow were received. */
  receivedAtMs = 0
  readonly #accumulators: Accumulators
  readonly #weights = new Float64Array(MOST_WEIGHTS)
  readonly #weightIndexes = new Map<number, number>()

  constructor(accumulators: Accumulators) {
    this.#accumulators = accumulators
    // That of a line without a rate, and of a metric's own record.
    this.weightIndex(1)
  }

  /** Of the shape in `record`. false: with this value it has to be decoded, and nothing was taken. */
  add(record: number, meaning: number, value: LineValue): boolean {
    const { sign, magnitude } = value
    if (sign !== 0 && (meaning & (sign === MINUS ? TAKES_MINUS : TAKES_PLUS)) === 0) return false
    const amount = sign === MINUS ? -magnitude : magnitude
    const accumulators = this.#accumulators
    const { timerLog, records } = accumulators
    const { view } = records
    const kind = meaning & KIND_MASK
    const metric = view.getUint32(record + TARGET, true) * UNIT_BYTES
    if (view.getInt32(metric + USED_IN, true) !== accumulators.intervalNumber) accumulators.use(metric)
    if (accumulators.sampleCounts !== undefined && kind !== KIND_EXCLUDED) accumulators.countSample(metric)
    if (kind === KIND_COUNTER) {
      accumulators.addToCounter(metric, amount * (this.#weights[meaning >>> WEIGHT_SHIFT] ?? 1))
    } else if (kind === KIND_TIMER) {
      timerLog.add(view.getUint32(metric + ID, true), amount, this.#weights[meaning >>> WEIGHT_SHIFT] ?? 1)
    } else if (kind === KIND_GAUGE) {
      if (sign !== 0 && (meaning & SIGN_IS_DELTA) !== 0) accumulators.addToGauge(metric, amount)
      else accumulators.setGauge(metric, amount, this.receivedAtMs)
    } else {
      accumulators.excludedCount++
    }
    return true
  }

  /** By which a shape refers to a weight. -1: it is none of the usual ones. */
  weightIndex(weight: number): number {
    let known = this.#weightIndexes.get(weight)
    if (known === undefined) {
      known = this.#weightIndexes.size
      if (known === MOST_WEIGHTS) return -1
      this.#weightIndexes.set(weight, known)
      this.#weights[known] = weight
    }
    return known
  }
}

/** Of sample rates that are remembered. */
const MOST_WEIGHTS = 256
