import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnixSender } from '../../../src/listeners/testdata/unix-sender.ts'
import { createLineFuzzer } from '../fuzz-lines.ts'
import { add, createForetell, NOTHING, ONE_REJECTED } from './foretell.ts'
import type { SendJob, Sent } from './sender.ts'

interface DatagramClient {
  readonly maxBytes: number
  send(bytes: Uint8Array): Promise<void>
  close(): void
}

/** A pause for as many bytes as fit into a socket's buffer, so that a server that keeps up loses nothing. */
const BYTES_BETWEEN_PAUSES = 64 * 1_024
const PACKETS_BETWEEN_PAUSES = 50

export async function sendDatagrams(job: SendJob): Promise<Sent> {
  const fuzzer = createLineFuzzer(job.seed, { grammar: job.dialect === 'graphite' ? 'graphite' : 'statsd' })
  const foretell = createForetell(job.dialect)
  const client = job.transport === 'udp' ? udpClient(Number(job.target)) : unixClient(String(job.target))
  const endMs = performance.now() + job.durationMs
  let [packets, bytes, bytesSincePause] = [0, 0, 0]
  let foretold = NOTHING
  while (packets < job.mostPackets && performance.now() < endMs) {
    const packet = fuzzer.packet(client.maxBytes)
    await client.send(packet)
    packets++
    bytes += packet.length
    foretold = add(foretold, packet.length <= MAX_DATAGRAM_BYTES ? foretell(packet) : ONE_REJECTED)
    bytesSincePause += packet.length
    if (job.isRude) continue
    if (bytesSincePause >= BYTES_BETWEEN_PAUSES || packets % PACKETS_BETWEEN_PAUSES === 0) {
      await sleep(1)
      bytesSincePause = 0
    }
  }
  client.close()
  return { ...foretold, packets, bytes, uncertainLines: 0 }
}

/** A longer one is one line that is too long. Only Unix sockets carry such. */
const MAX_DATAGRAM_BYTES = 65_536

function udpClient(port: number): DatagramClient {
  const socket = createSocket('udp4')
  return {
    maxBytes: 65_507,
    send: (bytes) =>
      new Promise((resolve, reject) => {
        socket.send(bytes, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)))
      }),
    close: () => socket.close(),
  }
}

function unixClient(path: string): DatagramClient {
  const sender = new UnixSender(path)
  return {
    maxBytes: MAX_DATAGRAM_BYTES + 100,
    send: (bytes) => sender.send(bytes),
    close: () => sender.close(),
  }
}
