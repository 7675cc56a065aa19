import { REJECTION_REASONS } from '../model/rejection.ts'

/**
 * Kymo's metrics about itself, declared as data. docs/reference/own-metrics.md is generated from this table.
 *
 * Every combination of labels is known at start (listeners, reasons and sinks are closed sets), so each has a fixed
 * slot in a Float64Array over shared memory. Each thread writes its own array; `/metrics` sums them. Counting
 * is then one addition, and reading needs no message.
 */
interface OwnMetric {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels?: readonly OwnMetricLabel[]
  /** Upper bounds of a histogram's buckets, in the metric's unit. */
  readonly buckets?: readonly number[]
}

type OwnMetricLabel = 'listener' | 'reason' | 'sink' | 'drop_reason' | 'thread' | 'result'

export const OWN_METRICS = {
  kymo_received_packets_total: {
    type: 'counter',
    help: 'Datagrams, and reads of a stream, received.',
    labels: ['listener'],
  },
  kymo_kernel_dropped_packets_total: {
    type: 'counter',
    help: 'Datagrams the kernel dropped because the receive buffer was full. Linux only.',
    labels: ['listener'],
  },
  kymo_received_bytes_total: { type: 'counter', help: 'Bytes received.', labels: ['listener'] },
  kymo_received_lines_total: {
    type: 'counter',
    help: 'Lines received, empty ones not counted. Equals accepted plus rejected.',
    labels: ['listener'],
  },
  kymo_accepted_lines_total: { type: 'counter', help: 'Lines taken in.', labels: ['listener'] },
  kymo_rejected_lines_total: { type: 'counter', help: 'Lines refused, by reason.', labels: ['reason'] },
  kymo_excluded_samples_total: {
    type: 'counter',
    help: 'Samples and points of accepted lines that the intake rules refused.',
  },
  kymo_over_limit_metrics_total: {
    type: 'counter',
    help: 'New metrics that were added up as `__over_limit__`, as a limit was full. One that comes again counts again, once for each thread and interval; and each point of a new series that was refused.',
  },
  kymo_open_connections: { type: 'gauge', help: 'Open stream connections.', labels: ['listener'] },
  kymo_refused_connections_total: {
    type: 'counter',
    help: 'Stream connections refused because too many were open.',
    labels: ['listener'],
  },
  kymo_flushes_total: { type: 'counter', help: 'Intervals flushed.' },
  kymo_late_partials_total: {
    type: 'counter',
    help: 'Partial aggregates that missed their interval and were merged into the next.',
  },
  kymo_flush_duration_seconds: {
    type: 'histogram',
    help: 'Time from the end of an interval until every shard is merged and the batch handed on.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5],
  },
  kymo_last_flush_timestamp_seconds: { type: 'gauge', help: 'Timestamp of the newest flush.' },
  kymo_metrics: { type: 'gauge', help: 'Metrics being aggregated.' },
  kymo_series: { type: 'gauge', help: 'Series in the catalog.' },
  kymo_stored_points_total: { type: 'counter', help: 'Points written to the store since start.' },
  kymo_stored_bytes: { type: 'gauge', help: 'Bytes the store holds on disk.' },
  kymo_store_failures_total: {
    type: 'counter',
    help: 'Writes to the store that failed and were tried again.',
  },
  kymo_queue_points: {
    type: 'gauge',
    help: 'Points waiting for a sink, in memory and on disk.',
    labels: ['sink'],
  },
  kymo_spool_bytes: {
    type: 'gauge',
    help: 'What waits for a sink on disk, as its memory was full.',
    labels: ['sink'],
  },
  kymo_spool_damaged_files: {
    type: 'gauge',
    help: 'Files of the spool of a sink that were found damaged, and are kept as `.bad` for somebody to look into.',
    labels: ['sink'],
  },
  kymo_spool_damaged_files_removed_total: {
    type: 'counter',
    help: 'Such files that were removed, as only so many are kept: the oldest first.',
    labels: ['sink'],
  },
  kymo_sent_points_total: { type: 'counter', help: 'Points delivered by a sink.', labels: ['sink'] },
  kymo_dropped_points_total: {
    type: 'counter',
    help: 'Points a sink had to drop: what may wait was full, the sink refused them, Kymo stopped before they could be sent and had nowhere to keep them, or they could not be read back from disk (`damaged`); of the store also points of series over a limit, which no sink is given, points older than the retention (`past`) and too far ahead of the clock (`future`).',
    labels: ['sink', 'drop_reason'],
  },
  kymo_dropped_packets_total: {
    type: 'counter',
    help: 'Packets that were taken in, but not copied for the sinks that pass on what is received: those were behind.',
  },
  kymo_sink_failures_total: {
    type: 'counter',
    help: 'Deliveries that failed and were tried again.',
    labels: ['sink'],
  },
  kymo_sink_lost_packets_total: {
    type: 'counter',
    help: 'Packets that a sink was given as they came, and could not pass on.',
    labels: ['sink'],
  },
  kymo_module_restarts_total: {
    type: 'counter',
    help: 'Threads of modules that ended and were started again.',
    labels: ['sink'],
  },
  kymo_worker_restarts_total: {
    type: 'counter',
    help: 'Threads that died and were started again.',
    labels: ['thread'],
  },
  kymo_config_reloads_total: {
    type: 'counter',
    help: 'Times the configuration was read again. `failed`: it was refused, and nothing changed.',
    labels: ['result'],
  },
  kymo_config_timestamp_seconds: {
    type: 'gauge',
    help: 'When the configuration that is in force was read.',
  },
  kymo_queries_total: { type: 'counter', help: 'Queries evaluated.' },
  kymo_query_failures_total: { type: 'counter', help: 'Queries that ended in an error.' },
} as const satisfies Record<string, OwnMetric>

export type OwnMetricName = keyof typeof OWN_METRICS
export type Labels = Readonly<Record<string, string>>

/** The sets of label values, known once the configuration is; see `addSinks` for those that come later. */
export interface LabelValues {
  readonly listener: readonly string[]
  readonly sink: readonly string[]
  readonly thread: readonly string[]
}

export const RELOAD_RESULTS = ['ok', 'failed'] as const
/** Why a sink drops points. */
export const SINK_DROP_REASONS = ['queue_full', 'stopped', 'refused', 'damaged'] as const
/** Of the store also: the series are over a limit, or the times are older than the retention or too far ahead of the clock. */
export const DROP_REASONS = [...SINK_DROP_REASONS, 'over_limit', 'past', 'future'] as const

/** Where each series of own metrics has its slot. Plain data: goes to every thread. */
export interface OwnMetricsLayout {
  readonly slots: readonly string[]
}

export function layoutOwnMetrics(values: LabelValues): OwnMetricsLayout {
  const slots: string[] = []
  for (const [name, metric] of entries()) {
    for (const labels of combinations(metric.labels ?? [], values)) {
      if (metric.type === 'histogram') {
        for (const bound of [...(metric.buckets ?? []), '+Inf']) {
          slots.push(slotName(`${name}_bucket`, { ...labels, le: String(bound) }))
        }
        slots.push(slotName(`${name}_sum`, labels), slotName(`${name}_count`, labels))
      } else {
        slots.push(slotName(name, labels))
      }
    }
  }
  return { slots }
}

/** For so many sinks that are added while Kymo runs a buffer has slots besides its first layout. Memory that is not used takes none. */
const SPARE_SINKS = 1_000
let spareSlots: number | undefined

function countSpareSlots(): number {
  const of = (sink: readonly string[]): number =>
    layoutOwnMetrics({ listener: [], thread: [], sink }).slots.length
  spareSlots ??= SPARE_SINKS * (of(['a', 'b']) - of(['a']))
  return spareSlots
}

/** Sinks come and go while Kymo runs. Slots stay where they are, also those of sinks that are gone. */
export function addSinks(layout: OwnMetricsLayout, sinks: readonly string[]): OwnMetricsLayout {
  const known = new Set(layout.slots)
  const { slots } = layoutOwnMetrics({ listener: [], thread: [], sink: sinks })
  return { ...layout, slots: [...layout.slots, ...slots.filter((slot) => !known.has(slot))] }
}

/** Whether a buffer that was allocated for the first has room for the other. */
export function hasRoomFor(first: OwnMetricsLayout, layout: OwnMetricsLayout): boolean {
  return layout.slots.length <= first.slots.length + countSpareSlots()
}

export function allocateOwnMetrics(layout: OwnMetricsLayout): SharedArrayBuffer {
  return new SharedArrayBuffer((layout.slots.length + countSpareSlots()) * Float64Array.BYTES_PER_ELEMENT)
}

export interface Counter {
  add(count: number): void
}
export interface Gauge {
  set(value: number): void
}
export interface Histogram {
  observe(value: number): void
}

/** One thread's view: resolve an instrument once, then use it freely. An unknown name or label is a bug and throws. */
export class OwnMetrics {
  readonly #values: Float64Array
  readonly #indexes: Map<string, number>

  constructor(layout: OwnMetricsLayout, buffer: SharedArrayBuffer) {
    this.#values = new Float64Array(buffer)
    this.#indexes = new Map(layout.slots.map((slot, index) => [slot, index]))
  }

  counter(name: OwnMetricName, labels: Labels = {}): Counter {
    const index = this.#index(slotName(name, labels))
    const values = this.#values
    return {
      add(count) {
        values[index] = (values[index] ?? 0) + count
      },
    }
  }

  gauge(name: OwnMetricName, labels: Labels = {}): Gauge {
    const index = this.#index(slotName(name, labels))
    const values = this.#values
    return {
      set(value) {
        values[index] = value
      },
    }
  }

  histogram(name: OwnMetricName, labels: Labels = {}): Histogram {
    const bounds = (OWN_METRICS[name] as OwnMetric).buckets ?? []
    const buckets = bounds.map((bound) => ({
      bound,
      index: this.#index(slotName(`${name}_bucket`, { ...labels, le: String(bound) })),
    }))
    const infinity = this.#index(slotName(`${name}_bucket`, { ...labels, le: '+Inf' }))
    const sum = this.#index(slotName(`${name}_sum`, labels))
    const count = this.#index(slotName(`${name}_count`, labels))
    const values = this.#values
    const add = (index: number, amount: number): void => {
      values[index] = (values[index] ?? 0) + amount
    }
    return {
      observe(value) {
        for (const bucket of buckets) if (value <= bucket.bound) add(bucket.index, 1)
        add(infinity, 1)
        add(sum, value)
        add(count, 1)
      },
    }
  }

  #index(slot: string): number {
    const index = this.#indexes.get(slot)
    if (index === undefined) throw new Error(`BUG: own metric ${slot} is not declared`)
    return index
  }
}

/** The sum over all threads: a Map from slot (`name{label="value"}`) to value. */
export function readOwnMetrics(
  layout: OwnMetricsLayout,
  buffers: readonly SharedArrayBuffer[],
): Map<string, number> {
  const views = buffers.map((buffer) => new Float64Array(buffer))
  return new Map(
    layout.slots.map((slot, index) => [slot, views.reduce((sum, view) => sum + (view[index] ?? 0), 0)]),
  )
}

/** One own metric, summed over all its labels. */
export function sumOfOwnMetric(values: ReadonlyMap<string, number>, name: OwnMetricName): number {
  let sum = 0
  for (const [slot, value] of values) if (slot === name || slot.startsWith(`${name}{`)) sum += value
  return sum
}

/** Prometheus' text format, version 0.0.4. */
export function renderPrometheusText(values: ReadonlyMap<string, number>): string {
  let text = ''
  for (const [name, metric] of entries()) {
    text += `# HELP ${name} ${metric.help}\n# TYPE ${name} ${metric.type}\n`
    for (const [slot, value] of values) {
      const family = slot.split('{', 1)[0] ?? ''
      const isOwn =
        metric.type === 'histogram' ? family.replace(/_(bucket|sum|count)$/, '') === name : family === name
      if (isOwn) text += `${slot} ${value}\n`
    }
  }
  return text
}

function entries(): [OwnMetricName, OwnMetric][] {
  return Object.entries(OWN_METRICS) as [OwnMetricName, OwnMetric][]
}

/** `name` or `name{a="1",b="2"}`: both the slot's name and its line in Prometheus' text. */
export function slotName(name: string, labels: Labels): string {
  const parts = Object.entries(labels).map(
    ([key, value]) => `${key === 'drop_reason' ? 'reason' : key}="${escapeLabel(value)}"`,
  )
  return parts.length === 0 ? name : `${name}{${parts.join(',')}}`
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
}

function combinations(labels: readonly OwnMetricLabel[], values: LabelValues): Labels[] {
  const known: Record<OwnMetricLabel, readonly string[]> = {
    ...values,
    reason: REJECTION_REASONS,
    drop_reason: DROP_REASONS,
    result: RELOAD_RESULTS,
  }
  let rows: Record<string, string>[] = [{}]
  for (const label of labels) {
    rows = rows.flatMap((row) => known[label].map((value) => ({ ...row, [label]: value })))
  }
  return rows
}
