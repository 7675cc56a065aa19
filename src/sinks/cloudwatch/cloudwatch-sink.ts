import { formatSeriesKey } from '../../model/series-key.ts'
import type { CloudwatchOptions } from '../cloudwatch.ts'
import { HttpSender, type RequestShape } from '../delivery/http-sender.ts'
import { TimeWindow } from '../delivery/time-window.ts'
import type { Sink, SinkContext, SinkResult } from '../sink.ts'
import { CloudwatchSdk } from './cloudwatch-client.ts'
import {
  bytesOf,
  type CloudwatchItem,
  dataOfFlush,
  dataOfPoints,
  problemOf,
  TIME_LIMITS,
} from './metric-data.ts'

/** Publishes metrics by PutMetricData of Amazon CloudWatch. */
export function createCloudwatchSink(options: CloudwatchOptions, context: SinkContext): Sink {
  const { name } = options
  const client = new CloudwatchSdk(options, name)
  const { compression, request_timeout: timeoutMs, concurrency, timers } = options
  const sender = new HttpSender({ name, compression, timeoutMs, concurrency, context, client })
  const dataOptions = { timers, resolutionSeconds: options.high_resolution ? 1 : 60 } as const
  const window = new TimeWindow({ ...TIME_LIMITS, clock: context.clock })
  const shape: Omit<RequestShape<CloudwatchItem>, 'problemOf'> = {
    url: new URL(options.url ?? 'https://monitoring.amazonaws.com'),
    headers: {},
    mostItems: MOST_METRICS,
    mostBytes: MOST_BYTES,
    bytesOf,
    pointsOf: ({ seriesCount }) => seriesCount,
    encode(items) {
      const handle = new Uint8Array()
      const bytes = items.reduce((sum, item) => sum + bytesOf(item), 0)
      client.pending.set(handle, { data: items.map(({ datum }) => datum), bytes })
      return handle
    },
    describe: ({ datum }) => {
      const { MetricName: metric = '', Dimensions: dimensions = [], Timestamp, ...values } = datum
      const key = formatSeriesKey(
        metric,
        dimensions.map(({ Name = '', Value = '' }) => [Name, Value]),
      )
      return { key, timeMs: Timestamp?.getTime(), ...values }
    },
  }

  function send(batch: object, items: Iterable<CloudwatchItem>, signal: AbortSignal): Promise<SinkResult> {
    const problemOfTime = window.judgeFor(batch)
    const judged = (item: CloudwatchItem): string | undefined =>
      problemOf(item) ?? problemOfTime(item.datum.Timestamp?.getTime() ?? Number.NaN)
    return sender.send(batch, items, { ...shape, problemOf: judged }, signal)
  }

  return {
    name,
    flush: (batch, signal) => send(batch, dataOfFlush(batch, dataOptions), signal),
    points: (batch, signal) => send(batch, dataOfPoints(batch, dataOptions), signal),
    close: async () => sender.close(),
  }
}

const MOST_METRICS = 1_000
/** CloudWatch takes 1 MB; what a datum takes is an estimate. */
const MOST_BYTES = 800_000
