import type { FlushBatch } from '../model/flush-batch.ts'
import { namesOf, type PartialAggregate } from '../model/partial-aggregate.ts'
import { METRIC_TYPES, type MetricType } from '../model/sample.ts'
import { setRegistersAt } from '../model/set-registers.ts'
import { timerSketchAt } from '../model/timer-sketch.ts'
import { CounterTable } from './counter-table.ts'
import { FLUSH_PROFILES } from './flush-profile.ts'
import { FlushRoom } from './flush-room.ts'
import { FlushRows, type FlushWishes } from './flush-rows.ts'
import { type GaugePart, GaugeTable } from './gauge-table.ts'
import type { MetricAdmission, MetricTable, MetricTableOptions } from './metric-table.ts'
import { OwnSeries, type OwnSource } from './own-series.ts'
import { PartialBuilder } from './partial-builder.ts'
import { createSeriesForm, isSameForm, type SeriesForm, type SeriesFormOptions } from './series-form.ts'
import { SetTable } from './set-table.ts'
import { ShardNames } from './shard-names.ts'
import { TimerGroups } from './timer-groups.ts'
import { TimerTable } from './timer-table.ts'

export interface IntervalMergerOptions extends SeriesFormOptions {
  readonly intervalMs: number
  /**
   * How long a metric without samples flushes zeros, or a gauge its value, before it is forgotten. 0: it is flushed
   * with samples only; Infinity: for ever.
   */
  readonly idleTimeoutMs?: Readonly<Partial<Record<MetricType, number>>>
  /** Left out: there may be as many metrics as come. */
  readonly admission?: MetricAdmission
  /** Asked before each flush. Left out: it is wanted, without sketches and details. */
  readonly wishes?: () => FlushWishes
  /** Left out: nothing is flushed about Kymo itself. */
  readonly own?: OwnSource
}

/**
 * Merges the partial aggregates of all shards into one batch per interval, and holds what outlives an interval: the
 * values of gauges, and which metrics there are.
 *
 *   shard 0 --partial--.
 *   shard 1 --partial---> merge ... merge -> close(T) -> flush batch of T, by type, key and statistic
 *   shard 2 --partial--'
 *
 * The order is etsy's as far as it can be the same every time: counters, timers, gauges, sets; their keys are sorted.
 * Each shard numbers its metrics by itself, so ids mean something only together with their shard.
 */
export class IntervalMerger {
  readonly #intervalMs: number
  readonly #counters: CounterTable
  readonly #gauges: GaugeTable
  readonly #timers: TimerTable
  readonly #sets: SetTable
  readonly #timerGroups = new TimerGroups()
  readonly #room = new FlushRoom()
  readonly #namesByShard = new Map<number, ShardNames>()
  #options: IntervalMergerOptions
  #form: SeriesForm
  #own: Own | undefined
  #lastEndMs = 0
  #unnamedRowCount = 0
  #seriesCount = 0

  constructor(options: IntervalMergerOptions) {
    this.#intervalMs = options.intervalMs
    this.#options = options
    this.#form = createSeriesForm(options)
    this.#own = createOwn(options, this.#form)
    this.#counters = new CounterTable(this.#form, tableOptions('counter', options))
    this.#gauges = new GaugeTable(this.#form, tableOptions('gauge', options))
    this.#timers = new TimerTable(this.#form, tableOptions('timer', options))
    this.#sets = new SetTable(this.#form, tableOptions('set', options))
  }

  /** Goes on with other options, `intervalMs` excepted: every metric stays, with all that it has been given. */
  reconfigure(options: IntervalMergerOptions): void {
    for (const type of METRIC_TYPES) this.metrics(type).reconfigure(tableOptions(type, options))
    if (!isSameForm(options, this.#options)) {
      this.#form = createSeriesForm(options)
      for (const table of [this.#counters, this.#gauges, this.#timers, this.#sets]) table.reform(this.#form)
    }
    this.#options = options
    this.#own = createOwn(options, this.#form)
  }

  /** Metrics held, idle ones included. */
  get metricCount(): number {
    return this.#counters.size + this.#gauges.size + this.#timers.size + this.#sets.size
  }

  /** Rows that had to be left out since the start, because their id was never introduced. Not 0: a bug. */
  get unnamedRowCount(): number {
    return this.#unnamedRowCount
  }

  /** How many series the last batch had, or would have had if it had been wanted. */
  get seriesCount(): number {
    return this.#seriesCount
  }

  /** Takes in what a shard has of the open interval, or, late, of an earlier one. */
  merge(shardId: number, partial: PartialAggregate): void {
    let names = this.#namesByShard.get(shardId)
    if (names === undefined) {
      names = this.#createNames()
      this.#namesByShard.set(shardId, names)
    }
    names.introduce(partial.names)
    this.#mergeRows(partial, names, (slot, part) => this.#gauges.add(slot, part))
  }

  /** The shard is gone: another may use its number, and means other metrics by its ids. What it handed over stays. */
  dropShard(shardId: number): void {
    this.#namesByShard.get(shardId)?.forget()
    this.#namesByShard.delete(shardId)
  }

  /** The metrics of one type, to look at and to delete from. */
  metrics(type: 'counter'): CounterTable
  metrics(type: 'gauge'): GaugeTable
  metrics(type: 'timer'): TimerTable
  metrics(type: MetricType): MetricTable
  metrics(type: MetricType): MetricTable {
    switch (type) {
      case 'counter':
        return this.#counters
      case 'gauge':
        return this.#gauges
      case 'timer':
        return this.#timers
      case 'set':
        return this.#sets
    }
  }

  /** Ends the open interval under this timestamp and begins the next. */
  close(timestampMs: number): FlushBatch {
    if (timestampMs <= this.#lastEndMs) {
      throw new Error(`BUG: flush of ${timestampMs} after that of ${this.#lastEndMs}`)
    }
    const own = this.#takeOwn(timestampMs)
    this.#lastEndMs = timestampMs
    const rows = new FlushRows(this.#intervalMs, this.#options.wishes?.(), this.#room)
    const metricCounts = {
      counter: this.#counters.flush(rows, timestampMs),
      timer: this.#timers.flush(rows, timestampMs),
      gauge: this.#gauges.flush(rows, timestampMs),
      set: this.#sets.flush(rows, timestampMs),
    }
    const { counter, timer, gauge, set } = metricCounts
    own?.flush(rows, counter + timer + gauge + set)
    this.#seriesCount = rows.count
    return rows.toBatch({ timestampMs, intervalMs: this.#intervalMs, metricCounts })
  }

  /** The open interval and all that outlives it, introducing its own names. Changes nothing. */
  snapshot(intervalEndMs: number): PartialAggregate {
    const builder = new PartialBuilder()
    let nextId = 0
    for (const type of METRIC_TYPES) nextId += this.metrics(type).save(nextId, builder)
    return builder.build(intervalEndMs)
  }

  /** Takes up a snapshot of an earlier life. Call it first, once. Its metrics are not new. */
  restore(saved: PartialAggregate): void {
    const names = this.#createNames()
    names.introduce(saved.names)
    for (const { type, key } of namesOf(saved.names)) this.metrics(type).hold(key)
    this.#mergeRows(saved, names, (slot, part) => this.#gauges.restore(slot, part))
    for (const { type, key, idleSinceMs } of namesOf(saved.names)) this.metrics(type).hold(key, idleSinceMs)
    names.forget()
  }

  #createNames(): ShardNames {
    return new ShardNames(METRIC_TYPES.map((type) => this.metrics(type)))
  }

  /** Puts the counts of Kymo itself into its counters. What is left to flush, once the metrics are, is handed back. */
  #takeOwn(timestampMs: number): { flush(rows: FlushRows, metricCount: number): void } | undefined {
    if (this.#own === undefined) return undefined
    const { source, series } = this.#own
    const startedMs = source.monotonicMs()
    const readings = source.read()
    for (const [key, count] of series.counts(readings)) this.#counters.add(this.#counters.hold(key), count)
    if (this.#lastEndMs > 0) {
      const absolute = (timestampMs - this.#lastEndMs - this.#intervalMs) / 1000
      const lag = this.#gauges.hold(series.timestampLagKey)
      this.#gauges.add(lag, { absolute, absoluteTimeMs: timestampMs, delta: 0, isLate: false })
    }
    return {
      flush: (rows, metricCount) => {
        const processingTimeMs = source.monotonicMs() - startedMs
        series.flush(rows, { processingTimeMs, metricCount }, readings)
      },
    }
  }

  #mergeRows(
    partial: PartialAggregate,
    names: ShardNames,
    takeGauge: (slot: number, part: GaugePart) => void,
  ): void {
    const { counters, gauges } = partial
    const isLate = partial.intervalEndMs <= this.#lastEndMs
    for (let row = 0; row < counters.ids.length; row++) {
      const slot = this.#slotOf(names, 'counter', counters.ids[row] ?? 0)
      if (slot >= 0) this.#counters.add(slot, counters.sums[row] ?? 0)
    }
    for (let row = 0; row < gauges.ids.length; row++) {
      const slot = this.#slotOf(names, 'gauge', gauges.ids[row] ?? 0)
      const absolute = gauges.absolutes[row] ?? Number.NaN
      const absoluteTimeMs = gauges.absoluteTimesMs[row] ?? 0
      const delta = gauges.deltas[row] ?? 0
      if (slot >= 0) takeGauge(slot, { absolute, absoluteTimeMs, delta, isLate })
    }
    this.#mergeTimers(partial, names)
    this.#mergeSets(partial, names)
  }

  #mergeTimers({ timers, timerSketches }: PartialAggregate, names: ShardNames): void {
    this.#timerGroups.forEach(timers, (id, values, weights) => {
      const slot = this.#slotOf(names, 'timer', id)
      if (slot >= 0) this.#timers.at(slot).addAll(values, weights)
    })
    for (const [row, id] of timerSketches.ids.entries()) {
      const slot = this.#slotOf(names, 'timer', id)
      if (slot >= 0) this.#timers.at(slot).mergeSketch(timerSketchAt(timerSketches, row))
    }
  }

  #mergeSets({ sets, setRegisters }: PartialAggregate, names: ShardNames): void {
    for (const [row, id] of sets.ids.entries()) {
      const slot = this.#slotOf(names, 'set', id)
      if (slot < 0) continue
      const set = this.#sets.at(slot)
      const end = sets.offsets[row + 1] ?? 0
      for (let i = sets.offsets[row] ?? 0; i < end; i++) set.add(sets.members[i] ?? '')
    }
    for (const [row, id] of setRegisters.ids.entries()) {
      const slot = this.#slotOf(names, 'set', id)
      if (slot >= 0) this.#sets.at(slot).mergeRegisters(setRegistersAt(setRegisters, row))
    }
  }

  /** The slot of the metric to add a row to; -1 if nobody said which. */
  #slotOf(names: ShardNames, type: MetricType, id: number): number {
    const slot = names.slot(id, TYPE_INDEXES[type])
    if (slot >= 0) return this.metrics(type).sampled(slot)
    this.#unnamedRowCount += 1
    return -1
  }
}

const TYPE_INDEXES: Readonly<Record<MetricType, number>> = { counter: 0, gauge: 1, timer: 2, set: 3 }

interface Own {
  readonly source: OwnSource
  readonly series: OwnSeries
}

function createOwn({ own }: IntervalMergerOptions, { naming }: SeriesForm): Own | undefined {
  return own && { source: own, series: new OwnSeries(naming) }
}

function tableOptions(type: MetricType, options: IntervalMergerOptions): MetricTableOptions {
  const idleTimeoutMs = { ...FLUSH_PROFILES.default.idleTimeoutMs, ...options.idleTimeoutMs }
  return { type, idleTimeoutMs: idleTimeoutMs[type], admission: options.admission }
}
