import type { FlushBatch } from '../model/flush-batch.ts'
import type { PointBatch } from '../model/point.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import { KymoError, reasonOf } from '../telemetry/errors.ts'
import { PieceMeter } from './delivery/piece-meter.ts'
import { TcpConnection } from './delivery/tcp-connection.ts'
import type { GraphiteOptions } from './graphite-options.ts'
import { encodeLines, type PointsToEncode } from '../formats/graphite-plaintext/encode-lines.ts'
import { sinkName } from './options.ts'
import type { Sink, SinkContext, SinkResult } from './sink.ts'

/**
 * Writes Graphite's plaintext over one TCP connection that is kept from flush to flush.
 *
 * The protocol has no acknowledgement: a batch is delivered when the kernel of this machine has taken it. One that
 * broke off on the way is sent again whole, with the same names, times and values; for Graphite, writing a
 * point twice is writing it once.
 */
export function create(options: GraphiteOptions, context: SinkContext): Sink {
  const { host, port } = options
  const name = sinkName(options)
  const names = new WeakMap<SeriesIdentity, string>()
  const connection = new TcpConnection({
    host,
    port,
    connectTimeoutMs: options.connect_timeout,
    writeTimeoutMs: options.send_timeout,
    clock: context.clock,
  })

  async function send(points: PointsToEncode, signal: AbortSignal): Promise<SinkResult> {
    let refusedPoints = 0
    const meter = new PieceMeter(context.clock)
    const pieces = encodeLines(points, names, () => {
      refusedPoints += 1
    })
    try {
      if (points.series.length > 0) await connection.send(meter.measure(pieces), signal)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw new KymoError(
        'sink-unreachable',
        { name, address: formatAddress(host, port), reason: reasonOf(error) },
        { cause: error },
      )
    }
    return { refusedPoints, sending: meter.read() }
  }

  return {
    name,
    flush: ({ series, values, timestampMs }: FlushBatch, signal) =>
      send({ series, values, timesMs: timestampMs }, signal),
    points: ({ series, values, timesMs }: PointBatch, signal) => send({ series, values, timesMs }, signal),
    close: () => connection.close(),
  }
}

function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
