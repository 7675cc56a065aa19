import { encodeFlush } from '../../formats/statsd/encode-flush.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import { PieceMeter } from '../delivery/piece-meter.ts'
import { TcpConnection } from '../delivery/tcp-connection.ts'
import { UdpSender } from '../delivery/udp-sender.ts'
import type { Sink, SinkContext, SinkResult } from '../sink.ts'
import type { StatsdOptions } from '../statsd.ts'

/** By TCP so much is handed over at a time; no line is longer. */
const STREAM_PIECE_BYTES = 65_536

/**
 * Sends flushes on as StatsD. The protocol has no times, so points that have their own are not for it, and it has no
 * acknowledgement: a counter that is sent twice counts twice. So a batch that breaks off is gone on with at the piece that it broke off
 * in; of that piece the server may have had a part.
 */
export function createStatsdSink(options: StatsdOptions, context: SinkContext): Sink {
  const { name, host, port, prefix, tag_form: tagForm, transport } = options
  const { clock } = context
  const udp = new UdpSender({ host, port })
  const tcp = new TcpConnection({
    host,
    port,
    connectTimeoutMs: options.connect_timeout,
    writeTimeoutMs: options.send_timeout,
    clock,
  })
  /** How many pieces of a batch have been handed over. */
  const handedOver = new WeakMap<FlushBatch, number>()

  /** Passes over what has been handed over before. A piece has been when the next one is asked for. */
  function* goOn(batch: FlushBatch, pieces: Iterable<Buffer>): Generator<Buffer> {
    const first = handedOver.get(batch) ?? 0
    let count = 0
    for (const piece of pieces) {
      if (count >= first) yield piece
      count += 1
      handedOver.set(batch, Math.max(first, count))
    }
  }

  async function flush(batch: FlushBatch, signal: AbortSignal): Promise<SinkResult> {
    signal.throwIfAborted()
    const refused: number[] = []
    const meter = new PieceMeter(clock)
    const isUdp = transport === 'udp'
    const mostBytes = isUdp ? options.packet_bytes : STREAM_PIECE_BYTES - 1
    const encoded = encodeFlush(batch, { prefix, tagForm, mostBytes }, (index) => refused.push(index))
    const pieces = meter.measure(goOn(batch, isUdp ? encoded : endLines(encoded)))
    try {
      if (batch.series.length > 0) await (isUdp ? udp.send(pieces, signal) : tcp.send(pieces, signal))
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
      throw new KymoError('sink-unreachable', { name, address, reason: reasonOf(error) }, { cause: error })
    }
    if (refused.length > 0) {
      context.deadLetters.add(
        'StatsD carries no infinities, and no line longer than a packet',
        refused.map((index) => ({ key: batch.series[index]?.key, value: String(batch.values[index]) })),
        'sink-unfit',
      )
    }
    return { refusedPoints: refused.length, sending: meter.read() }
  }

  return {
    name,
    flush,
    async close() {
      udp.close()
      await tcp.close()
    },
  }
}

function* endLines(packets: Iterable<Buffer>): Generator<Buffer> {
  for (const packet of packets) yield Buffer.concat([packet, LINE_FEED])
}

const LINE_FEED = Buffer.from('\n')
