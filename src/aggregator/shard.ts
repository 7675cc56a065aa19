import type { PartialAggregate } from '../model/partial-aggregate.ts'
import type { MetricType, Sample } from '../model/sample.ts'
import { addSaturating } from './add-saturating.ts'
import { IdPool } from './id-pool.ts'
import { OpenInterval } from './open-interval.ts'
import { PartialBuilder } from './partial-builder.ts'
import {
  type CounterSeries,
  type GaugeSeries,
  type SetSeries,
  type ShardSeries,
  ShardSeriesTable,
  type TimerSeries,
} from './shard-series.ts'

export interface ShardOptions {
  readonly intervalMs: number
  readonly nowMs: number
  /** The newest interval end that is flushed already, if known: the first interval ends later. */
  readonly notBeforeMs?: number
  /** Series without a sample for this many intervals are forgotten, some time before twice as many. */
  readonly idleIntervals?: number
}

/**
 * What one receiving thread collects: samples in, one partial aggregate per interval out. Nothing here waits or locks;
 * the thread that owns the shard reads the clock once per batch of packets:
 *
 *   const nowMs = clock.nowMs()
 *   if (shard.isDue(nowMs)) send(shard.seal(nowMs))
 *   for (const sample of batch) shard.add(sample, nowMs)
 *
 * A metric is a key and a type; each is given an id, and its name travels with its first use only. Every
 * `idleIntervals` seals, series unused for that long are dropped and their ids given to others, so memory follows the
 * series in use. An id that changes hands is introduced again, which makes it safe.
 */
export class Shard {
  readonly #interval: OpenInterval
  readonly #idleIntervals: number
  readonly #counters: ShardSeriesTable<CounterSeries>
  readonly #gauges: ShardSeriesTable<GaugeSeries>
  readonly #timers: ShardSeriesTable<TimerSeries>
  readonly #sets: ShardSeriesTable<SetSeries>
  /** Counts seals; the series remember in which interval they were used. */
  #intervalNumber = 0
  /** Counts the keepers that have to be told names. */
  #keeperNumber = 0

  constructor(options: ShardOptions) {
    this.#interval = new OpenInterval({ notBeforeMs: 0, ...options })
    this.#idleIntervals = options.idleIntervals ?? 30
    const ids = new IdPool()
    this.#counters = new ShardSeriesTable(ids, newCounter, clearCounter)
    this.#gauges = new ShardSeriesTable(ids, newGauge, clearGauge)
    this.#timers = new ShardSeriesTable(ids, newTimer, clearTimer)
    this.#sets = new ShardSeriesTable(ids, newSet, clearSet)
  }

  /** The end of the open interval. */
  get intervalEndMs(): number {
    return this.#interval.endMs
  }

  /** Series known, idle ones included. */
  get seriesCount(): number {
    return this.#counters.size + this.#gauges.size + this.#timers.size + this.#sets.size
  }

  add(sample: Sample, receivedAtMs: number): void {
    // A rate too small to divide by would make the weight infinite.
    const weight = Math.min(sample.weight, Number.MAX_VALUE)
    switch (sample.type) {
      case 'counter': {
        const counter = this.#counters.use(sample.key, this.#intervalNumber)
        counter.sum = addSaturating(counter.sum, sample.value * weight)
        return
      }
      case 'gauge': {
        const gauge = this.#gauges.use(sample.key, this.#intervalNumber)
        if (sample.isDelta) {
          gauge.delta = addSaturating(gauge.delta, sample.value)
        } else {
          gauge.absolute = sample.value
          gauge.absoluteTimeMs = receivedAtMs
          gauge.delta = 0
        }
        return
      }
      case 'timer': {
        const timer = this.#timers.use(sample.key, this.#intervalNumber)
        timer.values.push(sample.value)
        timer.weights.push(weight)
        return
      }
      case 'set':
        this.#sets.use(sample.key, this.#intervalNumber).members.add(sample.member)
        return
    }
  }

  /** The open interval has ended. */
  isDue(nowMs: number): boolean {
    return this.#interval.isDue(nowMs)
  }

  /**
   * Hands over the open interval, due or not, and opens the next. `throughMs`: everything up to that interval end is
   * being flushed, so the partial is stamped no earlier than it.
   */
  seal(nowMs: number, throughMs = 0): PartialAggregate {
    return this.#handOver((builder) => builder.build(this.#interval.close(nowMs, throughMs)))
  }

  /** Hands over what there is of the open interval, which stays open: for somebody who wants to look at it. */
  handOver(): PartialAggregate {
    return this.#handOver((builder) => builder.build(this.#interval.endMs))
  }

  #handOver(build: (builder: PartialBuilder) => PartialAggregate): PartialAggregate {
    const builder = new PartialBuilder()
    for (const counter of this.#counters.used) {
      this.#tellName(builder, counter, 'counter')
      builder.counter(counter.id, counter.sum)
    }
    for (const gauge of this.#gauges.used) {
      this.#tellName(builder, gauge, 'gauge')
      builder.gauge(gauge.id, gauge.absolute, gauge.absoluteTimeMs, gauge.delta)
    }
    for (const timer of this.#timers.used) {
      this.#tellName(builder, timer, 'timer')
      builder.timer(timer.id, timer.values, timer.weights)
    }
    for (const set of this.#sets.used) {
      this.#tellName(builder, set, 'set')
      builder.set(set.id, set.members)
    }
    const partial = build(builder)
    this.#startOver()
    return partial
  }

  /** A new keeper is there that knows no names: each is told again with its next use. */
  forgetNames(): void {
    this.#keeperNumber += 1
  }

  #tellName(builder: PartialBuilder, series: ShardSeries, type: MetricType): void {
    if (series.toldTo === this.#keeperNumber) return
    series.toldTo = this.#keeperNumber
    builder.name({ id: series.id, type, key: series.key })
  }

  #startOver(): void {
    this.#intervalNumber += 1
    const isTimeToForget = this.#intervalNumber % this.#idleIntervals === 0
    for (const table of [this.#counters, this.#gauges, this.#timers, this.#sets]) {
      table.clear()
      if (isTimeToForget) table.forgetUnusedSince(this.#intervalNumber - this.#idleIntervals)
    }
  }
}

const NEVER = -1

function newCounter(id: number, key: string): CounterSeries {
  return { id, key, usedIn: NEVER, toldTo: NEVER, sum: 0 }
}

function clearCounter(counter: CounterSeries): void {
  counter.sum = 0
}

function newGauge(id: number, key: string): GaugeSeries {
  return { id, key, usedIn: NEVER, toldTo: NEVER, absolute: Number.NaN, absoluteTimeMs: 0, delta: 0 }
}

function clearGauge(gauge: GaugeSeries): void {
  gauge.absolute = Number.NaN
  gauge.absoluteTimeMs = 0
  gauge.delta = 0
}

function newTimer(id: number, key: string): TimerSeries {
  return { id, key, usedIn: NEVER, toldTo: NEVER, values: [], weights: [] }
}

// New arrays rather than emptied ones: a burst's memory is not kept for good.
function clearTimer(timer: TimerSeries): void {
  timer.values = []
  timer.weights = []
}

function newSet(id: number, key: string): SetSeries {
  return { id, key, usedIn: NEVER, toldTo: NEVER, members: new Set() }
}

function clearSet(set: SetSeries): void {
  set.members = new Set()
}
