import type { Sample } from '../../model/sample.ts'
import { addSaturating } from '../add-saturating.ts'
import { grow, release } from '../../lib/grow.ts'
import {
  DELTA,
  HANDED,
  ID,
  IS_TOLD,
  KIND_EXCLUDED,
  KIND_GAUGE,
  KIND_MASK,
  MEANING,
  TIME,
  USED_IN,
  VALUE,
} from './record.ts'
import { SeriesRecords } from './series-records.ts'
import { TimerLog } from './timer-log.ts'

/**
 * What a shard has of the open interval: sums and gauges in the records of their metrics, timer values in a log, members
 * in sets. And which metrics have a sample at all, so that an end of the interval looks at those alone.
 */
export class Accumulators {
  readonly records = new SeriesRecords()
  readonly timerLog = new TimerLog()
  readonly members = new Map<number, Set<string>>()
  /** Of all sets together. */
  memberCount = 0
  /** Counts the hand-overs, at the end of an interval or before; a record remembers between which it was used. */
  intervalNumber = 1
  /** Of the first hand-over's number in the open interval. */
  #firstNumber = 1
  /** By id, how often each metric was sent; undefined: nobody wants to know. */
  sampleCounts: Uint32Array | undefined
  /** Samples that the intake rules refused, since somebody took the number. */
  excludedCount = 0
  /** Records of the metrics with a sample in this interval, in the order of their first. */
  #used = new Uint32Array(1 << 10)
  #usedCount = 0
  readonly #usedByKind = new Uint32Array(KIND_EXCLUDED + 1)
  /** Records of metrics whose name the keeper has to be told. */
  #untold = new Uint32Array(USUAL_UNTOLD)
  #untoldCount = 0

  /** To be called before the first sample of a metric in an interval. */
  use(at: number): void {
    const { view } = this.records
    const kind = view.getInt32(at + MEANING, true) & KIND_MASK
    const usedIn = view.getInt32(at + USED_IN, true)
    view.setInt32(at + USED_IN, this.intervalNumber, true)
    view.setFloat64(at + VALUE, kind === KIND_GAUGE ? Number.NaN : 0, true)
    if (kind === KIND_EXCLUDED) return
    if (kind === KIND_GAUGE) {
      view.setFloat64(at + DELTA, 0, true)
      view.setFloat64(at + TIME, 0, true)
      if (usedIn < this.#firstNumber) view.setFloat64(at + HANDED, 0, true)
    }
    if (this.#usedCount === this.#used.length)
      this.#used = grow(this.#used, new Uint32Array(this.#used.length * 2))
    this.#used[this.#usedCount++] = at
    this.#usedByKind[kind] = (this.#usedByKind[kind] ?? 0) + 1
    if ((view.getInt32(at + MEANING, true) & IS_TOLD) === 0) this.#tell(at)
  }

  #tell(at: number): void {
    this.records.addMeaning(at, IS_TOLD)
    if (this.#untoldCount === this.#untold.length)
      this.#untold = grow(this.#untold, new Uint32Array(this.#untold.length * 2))
    this.#untold[this.#untoldCount++] = at
  }

  /**
   * Whoever was told the names is gone, and so are the deltas that were handed over: the names of the open interval have to be
   * told with it, the others with their next use.
   */
  forgetNames(): void {
    this.records.clearMeaning(IS_TOLD)
    this.#untoldCount = 0
    this.#firstNumber = this.intervalNumber
    for (const at of this.used) {
      this.#tell(at)
      this.#forgetHanded(at)
    }
  }

  /** What an absolute value since has taken back, there is nobody to take it from. */
  #forgetHanded(at: number): void {
    const { view } = this.records
    if ((view.getInt32(at + MEANING, true) & KIND_MASK) !== KIND_GAUGE) return
    const handed = view.getFloat64(at + HANDED, true)
    if (!Number.isNaN(view.getFloat64(at + VALUE, true)))
      view.setFloat64(at + DELTA, addSaturating(view.getFloat64(at + DELTA, true), handed), true)
    view.setFloat64(at + HANDED, 0, true)
  }

  countSample(at: number): void {
    const id = this.records.view.getUint32(at + ID, true)
    let counts = this.sampleCounts ?? NO_COUNTS
    if (id >= counts.length) counts = grow(counts, new Uint32Array(Math.max(id + 1, counts.length * 2)))
    counts[id] = (counts[id] ?? 0) + 1
    this.sampleCounts = counts
  }

  add(at: number, sample: Sample, receivedAtMs: number): void {
    const { view } = this.records
    if (view.getInt32(at + USED_IN, true) !== this.intervalNumber) this.use(at)
    if (this.sampleCounts !== undefined) this.countSample(at)
    // A rate too small to divide by would make the weight infinite.
    const weight = Math.min(sample.weight, Number.MAX_VALUE)
    switch (sample.type) {
      case 'counter':
        return this.addToCounter(at, sample.value * weight)
      case 'gauge':
        if (sample.isDelta) this.addToGauge(at, sample.value)
        else this.setGauge(at, sample.value, receivedAtMs)
        return
      case 'timer':
        return this.timerLog.add(view.getUint32(at + ID, true), sample.value, weight)
      case 'set':
        return this.addMember(at, sample.member)
    }
  }

  addToCounter(at: number, amount: number): void {
    const { view } = this.records
    view.setFloat64(at + VALUE, addSaturating(view.getFloat64(at + VALUE, true), amount), true)
  }

  /** The deltas before do not count any more: those that are handed over already are taken back. */
  setGauge(at: number, value: number, receivedAtMs: number): void {
    const { view } = this.records
    view.setFloat64(at + VALUE, value, true)
    view.setFloat64(at + DELTA, 0 - view.getFloat64(at + HANDED, true), true)
    view.setFloat64(at + TIME, receivedAtMs, true)
  }

  addToGauge(at: number, value: number): void {
    const { view } = this.records
    view.setFloat64(at + DELTA, addSaturating(view.getFloat64(at + DELTA, true), value), true)
  }

  addMember(at: number, member: string): void {
    let members = this.members.get(at)
    if (members === undefined) {
      members = new Set()
      this.members.set(at, members)
    }
    const before = members.size
    members.add(member)
    this.memberCount += members.size - before
  }

  forgetMembers(): void {
    this.members.clear()
    this.memberCount = 0
  }

  /** Metrics with a sample in this interval. */
  get used(): Uint32Array {
    return this.#used.subarray(0, this.#usedCount)
  }

  usedOfKind(kind: number): number {
    return this.#usedByKind[kind] ?? 0
  }

  /** Everything has been taken away: of a whole interval, or of the beginning of one. */
  startOver(isNewInterval: boolean): void {
    this.intervalNumber++
    if (isNewInterval) this.#firstNumber = this.intervalNumber
    this.#usedCount = 0
    this.#usedByKind.fill(0)
  }

  /** A gauge that is in the keeper with deltas of this interval: it must not be forgotten before the next. */
  hasHandedDeltas(at: number): boolean {
    const { view } = this.records
    const isGauge = (view.getInt32(at + MEANING, true) & KIND_MASK) === KIND_GAUGE
    return (
      isGauge &&
      view.getInt32(at + USED_IN, true) >= this.#firstNumber &&
      view.getFloat64(at + HANDED, true) !== 0
    )
  }

  get untoldCount(): number {
    return this.#untoldCount
  }

  /** Records whose names the keeper has to be told now: told by `tell`, which is over when it returns. */
  takeUntold<Told>(tell: (untold: Uint32Array) => Told): Told {
    const told = tell(this.#untold.subarray(0, this.#untoldCount))
    this.#untoldCount = 0
    // A flood of names is over some time.
    if (this.#untold.length > USUAL_UNTOLD) {
      release(this.#untold)
      this.#untold = new Uint32Array(USUAL_UNTOLD)
    }
    return told
  }
}

const NO_COUNTS = new Uint32Array(0)
const USUAL_UNTOLD = 1 << 15
