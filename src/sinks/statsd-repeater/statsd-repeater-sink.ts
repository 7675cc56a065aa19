import type { PacketBatch } from '../../model/packet-batch.ts'
import { type Destination, formatDestination } from '../graphite/destination.ts'
import type { Sink, SinkContext } from '../sink.ts'
import type { StatsdRepeaterOptions } from '../statsd-repeater.ts'
import type { Repeater } from './repeater.ts'
import { TcpRepeater } from './tcp-repeater.ts'
import { UdpRepeater } from './udp-repeater.ts'

/** Passes on what is received, to each destination by itself. */
export function createStatsdRepeaterSink(options: StatsdRepeaterOptions, context: SinkContext): Sink {
  const { name } = options
  const repeaters = options.destinations.map((peer) => createRepeater(peer, options, context))
  return {
    name,
    packets({ bytes, ends }: PacketBatch) {
      let start = 0
      for (const end of ends) {
        const packet = bytes.subarray(start, end)
        for (const repeater of repeaters) repeater.pass(packet)
        start = end
      }
    },
    async close() {
      for (const repeater of repeaters) repeater.close()
    },
  }
}

function createRepeater(
  peer: Destination,
  options: StatsdRepeaterOptions,
  { log, clock, meter }: SinkContext,
): Repeater {
  const { host, port } = peer
  const destination = formatDestination(peer)
  const sink = options.name
  let trouble: string | undefined
  const onTrouble = (reason: string | undefined): void => {
    if (reason !== undefined && trouble === undefined)
      log.warn({ sink, destination, error: reason }, 'what is received cannot be passed on')
    if (reason === undefined && trouble !== undefined)
      log.info({ sink, destination }, 'what is received is passed on again')
    trouble = reason
  }
  const own = {
    host,
    port,
    bufferBytes: options.buffer,
    onTrouble,
    onLost: (packets: number) => meter.lostPackets(packets),
    clock,
  }
  return options.transport === 'udp'
    ? new UdpRepeater({ ...own, packetBytes: options.packet_bytes })
    : new TcpRepeater({ ...own, random: Math.random })
}
