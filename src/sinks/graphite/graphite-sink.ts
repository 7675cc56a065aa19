import { encodeMessages } from '../../formats/graphite-pickle/encode-messages.ts'
import { encodeLines, type PointsToEncode } from '../../formats/graphite-plaintext/encode-lines.ts'
import { WireNames } from '../../formats/graphite-plaintext/wire-name.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PointBatch } from '../../model/point.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import { PieceMeter } from '../delivery/piece-meter.ts'
import { TcpConnection } from '../delivery/tcp-connection.ts'
import type { GraphiteOptions } from '../graphite.ts'
import type { Sink, SinkContext, SinkResult } from '../sink.ts'
import { formatDestination, graphiteDestinations } from './destination.ts'
import { HashRing } from './hash-ring.ts'

/**
 * Writes one of Graphite's protocols over one TCP connection that is kept from flush to flush.
 *
 * Neither has an acknowledgement: a batch is delivered when the kernel of this machine has taken it. One that
 * broke off on the way is sent again whole, with the same names, times and values; for Graphite, writing a
 * point twice is writing it once.
 *
 * Of several destinations each has a sink of its own, which takes the series that the ring gives it.
 */
export function createGraphiteSink(options: GraphiteOptions, context: SinkContext): Sink {
  const { name } = options
  const names = new WireNames(options.tag_form)
  const destinations = graphiteDestinations(options)
  const own = options.destination ?? 0
  const { host, port } = destinations[own] as (typeof destinations)[number]
  const encode = options.protocol === 'pickle' ? encodeMessages : encodeLines
  const ring =
    destinations.length === 1
      ? undefined
      : new HashRing(destinations, {
          hash: options.ring,
          replicationFactor: options.replication_factor,
          isDiverse: options.diverse_replicas,
        })
  const connection = new TcpConnection({
    host,
    port,
    connectTimeoutMs: options.connect_timeout,
    writeTimeoutMs: options.send_timeout,
    clock: context.clock,
  })

  async function send(points: PointsToEncode, signal: AbortSignal): Promise<SinkResult> {
    const refused: number[] = []
    const meter = new PieceMeter(context.clock)
    const pieces = encode(points, names, (index) => refused.push(index))
    try {
      if (points.series.length > 0) await connection.send(meter.measure<string | Uint8Array>(pieces), signal)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const address = formatDestination({ host, port, instance: null })
      throw new KymoError('sink-unreachable', { name, address, reason: reasonOf(error) }, { cause: error })
    }
    if (refused.length > 0) {
      const letters = refused.map((index) => describe(points, index))
      context.deadLetters.add(
        'Graphite carries no infinities and no names of more than 16,000 bytes',
        letters,
        'sink-unfit',
      )
    }
    return { refusedPoints: refused.length, sending: meter.read() }
  }

  return {
    name,
    ...(ring === undefined
      ? {}
      : { takes: (series: SeriesIdentity) => ring.destinationsOf(names.nameOf(series)).includes(own) }),
    flush: ({ series, values, timestampMs }: FlushBatch, signal) =>
      send({ series, values, timesMs: timestampMs }, signal),
    points: ({ series, values, timesMs }: PointBatch, signal) => send({ series, values, timesMs }, signal),
    close: () => connection.close(),
  }
}

function describe({ series, values, timesMs }: PointsToEncode, index: number): object {
  return {
    key: series[index]?.key,
    value: String(values[index]),
    timeMs: typeof timesMs === 'number' ? timesMs : timesMs[index],
  }
}
