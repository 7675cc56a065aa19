import type { GraphiteReadings } from '../model/graphite-readings.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { FlushRows, RowSource } from './flush-rows.ts'
import type { Naming } from './naming.ts'

/**
 * What Kymo flushes about itself, with etsy's names, so that dashboards built on them go on:
 *
 *   counters      statsd.bad_lines_seen, statsd.packets_received, statsd.metrics_received
 *   a gauge       statsd.timestamp_lag, from the second flush on
 *   plain series  stats.statsd.numStats                          metrics flushed, these counters and the gauge included
 *                 stats.statsd.graphiteStats.calculationtime     ms
 *                 stats.statsd.processing_time                   ms
 *                 stats.statsd.graphiteStats.{last_exception, last_flush, flush_time, flush_length}
 *
 * Counters and the gauge are metrics like any other: they have the names, the suffix and the order that those have, and
 * what clients send under their names adds up with them. In the legacy namespace numStats stands at the top: `statsd.numStats`.
 */
export interface OwnSource {
  /** Asked once for each flush, right before it. */
  read(): OwnReadings
  /** A clock for durations. */
  monotonicMs(): number
}

export interface OwnReadings {
  /** The counts are those since the reading before. Packets are datagrams, and whatever a stream hands over at once. */
  readonly packetsReceived: number
  /** Lines that are not empty, bad ones included. */
  readonly metricsReceived: number
  readonly badLinesSeen: number
  /** Left out: nothing is sent to a Graphite, and its series are not flushed. */
  readonly graphite?: GraphiteReadings
}

export interface FlushTiming {
  /** How long the statistics took. */
  readonly processingTimeMs: number
  readonly metricCount: number
}

export class OwnSeries implements RowSource {
  /** Key of the gauge: by how many seconds more than the interval this flush is stamped later than the one before. */
  readonly timestampLagKey: SeriesKey
  readonly #badLinesSeenKey: SeriesKey
  readonly #packetsReceivedKey: SeriesKey
  readonly #metricsReceivedKey: SeriesKey
  /** Those that are no metrics, each at its place. */
  readonly #plain: readonly SeriesIdentity[]

  constructor(naming: Naming) {
    this.timestampLagKey = naming.ownMetric('timestamp_lag')
    this.#badLinesSeenKey = naming.ownMetric('bad_lines_seen')
    this.#packetsReceivedKey = naming.ownMetric('packets_received')
    this.#metricsReceivedKey = naming.ownMetric('metrics_received')
    this.#plain = [
      naming.own('numStats', 'last', 'top'),
      naming.own('graphiteStats.calculationtime', 'mean'),
      naming.own('processing_time', 'mean'),
      naming.own('graphiteStats.last_exception', 'last'),
      naming.own('graphiteStats.last_flush', 'last'),
      naming.own('graphiteStats.flush_time', 'mean'),
      naming.own('graphiteStats.flush_length', 'mean'),
    ]
  }

  /** What is to be added to the counters, 0 included: these counters are never idle. */
  counts(readings: OwnReadings): (readonly [key: SeriesKey, count: number])[] {
    return [
      [this.#badLinesSeenKey, readings.badLinesSeen],
      [this.#packetsReceivedKey, readings.packetsReceived],
      [this.#metricsReceivedKey, readings.metricsReceived],
    ]
  }

  /** The rows behind those of the metrics, in etsy's order. */
  flush(rows: FlushRows, { processingTimeMs, metricCount }: FlushTiming, { graphite }: OwnReadings): void {
    rows.begin(this)
    rows.push(NUM_STATS, 0, metricCount)
    if (graphite !== undefined) rows.push(CALCULATION_TIME, 0, graphite.calculationTimeMs)
    rows.push(PROCESSING_TIME, 0, processingTimeMs)
    if (graphite === undefined) return
    rows.push(LAST_EXCEPTION, 0, graphite.lastExceptionSeconds)
    rows.push(LAST_FLUSH, 0, graphite.lastFlushSeconds)
    rows.push(FLUSH_TIME, 0, graphite.flushTimeMs)
    rows.push(FLUSH_LENGTH, 0, graphite.flushLengthBytes)
  }

  identityOf(slot: number): SeriesIdentity {
    const identity = this.#plain[slot]
    if (identity === undefined) throw new Error(`BUG: there is no own series ${slot}`)
    return identity
  }
}

const NUM_STATS = 0
const CALCULATION_TIME = 1
const PROCESSING_TIME = 2
const LAST_EXCEPTION = 3
const LAST_FLUSH = 4
const FLUSH_TIME = 5
const FLUSH_LENGTH = 6
