import type { GraphiteReadings } from '../model/graphite-readings.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { FlushRows } from './metric.ts'
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

export class OwnSeries {
  /** Key of the gauge: by how many seconds more than the interval this flush is stamped later than the one before. */
  readonly timestampLagKey: SeriesKey
  readonly #badLinesSeenKey: SeriesKey
  readonly #packetsReceivedKey: SeriesKey
  readonly #metricsReceivedKey: SeriesKey
  readonly #numStats: SeriesIdentity
  readonly #processingTime: SeriesIdentity
  readonly #calculationTime: SeriesIdentity
  readonly #lastException: SeriesIdentity
  readonly #lastFlush: SeriesIdentity
  readonly #flushTime: SeriesIdentity
  readonly #flushLength: SeriesIdentity

  constructor(naming: Naming) {
    this.timestampLagKey = naming.ownMetric('timestamp_lag')
    this.#badLinesSeenKey = naming.ownMetric('bad_lines_seen')
    this.#packetsReceivedKey = naming.ownMetric('packets_received')
    this.#metricsReceivedKey = naming.ownMetric('metrics_received')
    this.#numStats = naming.own('numStats', 'last', 'top')
    this.#processingTime = naming.own('processing_time', 'mean')
    this.#calculationTime = naming.own('graphiteStats.calculationtime', 'mean')
    this.#lastException = naming.own('graphiteStats.last_exception', 'last')
    this.#lastFlush = naming.own('graphiteStats.last_flush', 'last')
    this.#flushTime = naming.own('graphiteStats.flush_time', 'mean')
    this.#flushLength = naming.own('graphiteStats.flush_length', 'mean')
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
    rows.push(this.#numStats, metricCount)
    if (graphite !== undefined) rows.push(this.#calculationTime, graphite.calculationTimeMs)
    rows.push(this.#processingTime, processingTimeMs)
    if (graphite === undefined) return
    rows.push(this.#lastException, graphite.lastExceptionSeconds)
    rows.push(this.#lastFlush, graphite.lastFlushSeconds)
    rows.push(this.#flushTime, graphite.flushTimeMs)
    rows.push(this.#flushLength, graphite.flushLengthBytes)
  }
}
