import type { FlushBatch } from '../model/flush-batch.ts'
import { type MetricName, namesOf, type PartialAggregate } from '../model/partial-aggregate.ts'
import { METRIC_TYPES, type MetricType } from '../model/sample.ts'
import { setRegistersAt } from '../model/set-registers.ts'
import { timerSketchAt } from '../model/timer-sketch.ts'
import { CounterMetric } from './counter.ts'
import { GaugeMetric, type GaugePart } from './gauge.ts'
import { FlushRows, type Metric } from './metric.ts'
import { type MetricAdmission, MetricTable, type MetricTableOptions } from './metric-table.ts'
import { OwnSeries, type OwnSource } from './own-series.ts'
import { PartialBuilder } from './partial-builder.ts'
import { SetMetric } from './set.ts'
import { FLUSH_PROFILES } from './flush-profile.ts'
import { createSeriesForm, isSameForm, type SeriesForm, type SeriesFormOptions } from './series-form.ts'
import { TimerMetric } from './timer.ts'

export interface IntervalMergerOptions extends SeriesFormOptions {
  readonly intervalMs: number
  /**
   * How long a metric without samples flushes zeros, or a gauge its value, before it is forgotten. 0: it is flushed
   * with samples only; Infinity: for ever.
   */
  readonly idleTimeoutMs?: Readonly<Partial<Record<MetricType, number>>>
  /** Left out: there may be as many metrics as come. */
  readonly admission?: MetricAdmission
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
  readonly #counters: MetricTable<CounterMetric>
  readonly #gauges: MetricTable<GaugeMetric>
  readonly #timers: MetricTable<TimerMetric>
  readonly #sets: MetricTable<SetMetric>
  readonly #namesByShard = new Map<number, Map<number, MetricName>>()
  #options: IntervalMergerOptions
  #form: SeriesForm
  #own: Own | undefined
  #lastEndMs = 0
  #unnamedRowCount = 0

  constructor(options: IntervalMergerOptions) {
    this.#intervalMs = options.intervalMs
    this.#options = options
    this.#form = createSeriesForm(options)
    this.#own = createOwn(options, this.#form)
    this.#counters = new MetricTable(
      (key) => {
        const { naming, hasCounts } = this.#form
        return new CounterMetric(key, naming.counter(key), hasCounts)
      },
      tableOptions('counter', options),
    )
    this.#gauges = new MetricTable(
      (key) => new GaugeMetric(key, this.#form.naming.gauge(key)),
      tableOptions('gauge', options),
    )
    this.#timers = new MetricTable(
      (key) => new TimerMetric(key, this.#form.timer(key)),
      tableOptions('timer', options),
    )
    this.#sets = new MetricTable(
      (key) => new SetMetric(key, this.#form.set(key)),
      tableOptions('set', options),
    )
  }

  /** Goes on with other options, `intervalMs` excepted: every metric stays, with all that it has been given. */
  reconfigure(options: IntervalMergerOptions): void {
    for (const type of METRIC_TYPES) this.#tableOf(type).reconfigure(tableOptions(type, options))
    if (!isSameForm(options, this.#options)) this.#reform(createSeriesForm(options))
    this.#options = options
    this.#own = createOwn(options, this.#form)
  }

  #reform(form: SeriesForm): void {
    const { naming } = form
    this.#form = form
    for (const counter of this.#counters) counter.rename(naming.counter(counter.key), form.hasCounts)
    for (const gauge of this.#gauges) gauge.rename(naming.gauge(gauge.key))
    for (const timer of this.#timers) timer.relayout(form.timer(timer.key))
    for (const set of this.#sets) set.rename(form.set(set.key))
  }

  /** Metrics held, idle ones included. */
  get metricCount(): number {
    return this.#counters.size + this.#gauges.size + this.#timers.size + this.#sets.size
  }

  /** Rows that had to be left out since the start, because their id was never introduced. Not 0: a bug. */
  get unnamedRowCount(): number {
    return this.#unnamedRowCount
  }

  /** Takes in what a shard has of the open interval, or, late, of an earlier one. `partial` is kept: do not change it. */
  merge(shardId: number, partial: PartialAggregate): void {
    let names = this.#namesByShard.get(shardId)
    if (names === undefined) {
      names = new Map()
      this.#namesByShard.set(shardId, names)
    }
    for (const name of namesOf(partial.names)) names.set(name.id, name)
    this.#mergeRows(partial, names, (gauge, part) => gauge.merge(part))
  }

  /** The shard is gone: another may use its number, and means other metrics by its ids. What it handed over stays. */
  dropShard(shardId: number): void {
    this.#namesByShard.delete(shardId)
  }

  /** The metrics of one type, to look at and to delete from. */
  metrics(type: 'counter'): MetricTable<CounterMetric>
  metrics(type: 'gauge'): MetricTable<GaugeMetric>
  metrics(type: 'timer'): MetricTable<TimerMetric>
  metrics(type: MetricType): MetricTable<Metric>
  metrics(type: MetricType): MetricTable<Metric> {
    return this.#tableOf(type)
  }

  /** Ends the open interval under this timestamp and begins the next. */
  close(timestampMs: number): FlushBatch {
    if (timestampMs <= this.#lastEndMs) {
      throw new Error(`BUG: flush of ${timestampMs} after that of ${this.#lastEndMs}`)
    }
    const own = this.#takeOwn(timestampMs)
    this.#lastEndMs = timestampMs
    const rows = new FlushRows(this.#intervalMs)
    const metricCounts = {
      counter: this.#counters.flush(rows, timestampMs),
      timer: this.#timers.flush(rows, timestampMs),
      gauge: this.#gauges.flush(rows, timestampMs),
      set: this.#sets.flush(rows, timestampMs),
    }
    const { counter, timer, gauge, set } = metricCounts
    own?.flush(rows, counter + timer + gauge + set)
    return {
      timestampMs,
      intervalMs: this.#intervalMs,
      series: rows.series,
      values: Float64Array.from(rows.values),
      metricCounts,
    }
  }

  /** The open interval and all that outlives it, introducing its own names. Changes nothing. */
  snapshot(intervalEndMs: number): PartialAggregate {
    const builder = new PartialBuilder()
    let nextId = 0
    const save = (type: MetricType, metrics: readonly Metric[]): void => {
      for (const metric of metrics) {
        const id = nextId++
        const { key, isUpdated, lastUpdateMs } = metric
        builder.name(isUpdated ? { id, type, key } : { id, type, key, idleSinceMs: lastUpdateMs })
        metric.save(id, builder)
      }
    }
    save('counter', this.#counters.sorted())
    save('gauge', this.#gauges.sorted())
    save('timer', this.#timers.sorted())
    save('set', this.#sets.sorted())
    return builder.build(intervalEndMs)
  }

  /** Takes up a snapshot of an earlier life. Call it first, once. Its metrics are not new. */
  restore(saved: PartialAggregate): void {
    const names = new Map<number, MetricName>()
    for (const name of namesOf(saved.names)) {
      names.set(name.id, name)
      this.#tableOf(name.type).hold(name.key)
    }
    this.#mergeRows(saved, names, (gauge, part) => gauge.restore(part))
    for (const { type, key, idleSinceMs } of names.values()) {
      const metric = this.#tableOf(type).get(key)
      if (metric === undefined) continue
      metric.isUpdated = idleSinceMs === undefined
      metric.lastUpdateMs = idleSinceMs ?? 0
    }
  }

  /** Puts the counts of Kymo itself into its counters. What is left to flush, once the metrics are, is handed back. */
  #takeOwn(timestampMs: number): { flush(rows: FlushRows, metricCount: number): void } | undefined {
    if (this.#own === undefined) return undefined
    const { source, series } = this.#own
    const startedMs = source.monotonicMs()
    const readings = source.read()
    for (const [key, count] of series.counts(readings)) updated(this.#counters.hold(key)).merge(count)
    if (this.#lastEndMs > 0) {
      const lagSeconds = (timestampMs - this.#lastEndMs - this.#intervalMs) / 1000
      const lag = updated(this.#gauges.hold(series.timestampLagKey))
      lag.merge({ absolute: lagSeconds, absoluteTimeMs: timestampMs, delta: 0, isLate: false })
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
    names: ReadonlyMap<number, MetricName>,
    takeGauge: (gauge: GaugeMetric, part: GaugePart) => void,
  ): void {
    const { counters, gauges } = partial
    const isLate = partial.intervalEndMs <= this.#lastEndMs
    for (const [row, id] of counters.ids.entries()) {
      const counter = this.#find(this.#counters, 'counter', names.get(id))
      counter?.merge(counters.sums[row] ?? 0)
    }
    for (const [row, id] of gauges.ids.entries()) {
      const gauge = this.#find(this.#gauges, 'gauge', names.get(id))
      const absolute = gauges.absolutes[row] ?? Number.NaN
      const absoluteTimeMs = gauges.absoluteTimesMs[row] ?? 0
      const delta = gauges.deltas[row] ?? 0
      if (gauge !== undefined) takeGauge(gauge, { absolute, absoluteTimeMs, delta, isLate })
    }
    this.#mergeTimers(partial, names)
    this.#mergeSets(partial, names)
  }

  #mergeTimers({ timers, timerSketches }: PartialAggregate, names: ReadonlyMap<number, MetricName>): void {
    // A timer has many rows, so it is looked up once.
    const found = new Map<number, TimerMetric>()
    for (let row = 0; row < timers.ids.length; row++) {
      const id = timers.ids[row] ?? 0
      let timer = found.get(id)
      if (timer === undefined) {
        timer = this.#find(this.#timers, 'timer', names.get(id))
        if (timer === undefined) continue
        found.set(id, timer)
      }
      timer.add(timers.values[row] ?? 0, timers.weights[row] ?? 1)
    }
    for (const [row, id] of timerSketches.ids.entries()) {
      const timer = this.#find(this.#timers, 'timer', names.get(id))
      timer?.mergeSketch(timerSketchAt(timerSketches, row))
    }
  }

  #mergeSets({ sets, setRegisters }: PartialAggregate, names: ReadonlyMap<number, MetricName>): void {
    for (const [row, id] of sets.ids.entries()) {
      const set = this.#find(this.#sets, 'set', names.get(id))
      const end = sets.offsets[row + 1] ?? 0
      for (let i = sets.offsets[row] ?? 0; i < end; i++) set?.add(sets.members[i] ?? '')
    }
    for (const [row, id] of setRegisters.ids.entries()) {
      const set = this.#find(this.#sets, 'set', names.get(id))
      set?.mergeRegisters(setRegistersAt(setRegisters, row))
    }
  }

  #find<M extends Metric>(
    table: MetricTable<M>,
    type: MetricType,
    name: MetricName | undefined,
  ): M | undefined {
    if (name === undefined || name.type !== type) {
      this.#unnamedRowCount += 1
      return undefined
    }
    return updated(table.use(name.key))
  }

  #tableOf(type: MetricType): MetricTable<Metric> {
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
}

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

function updated<M extends Metric>(metric: M): M {
  metric.isUpdated = true
  return metric
}
