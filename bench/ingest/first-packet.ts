// How long a server takes from being started to reading its first datagram, as the kernel sees it: the port is bound, something is
// sent there, and the queue of the socket is empty again. It is looked at every millisecond.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { sleep } from './child.ts'
import { readUdpSockets } from './udp-sockets.ts'

const DEADLINE_MS = 30_000

/** Milliseconds from `startMs`. */
export async function firstPacketMs(name: string, port: number, startMs: number): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  try {
    let isSent = false
    for (;;) {
      await sleep(1)
      const { isBound, queuedBytes } = readUdpSockets(port)
      const elapsedMs = performance.now() - startMs
      if (isSent && queuedBytes === 0) return elapsedMs
      if (elapsedMs > DEADLINE_MS)
        throw new Error(`${name} does not read port ${port} within ${DEADLINE_MS} ms`)
      if (!isBound || isSent) continue
      await new Promise((resolve) => {
        socket.send('first.packet:1|c', port, '127.0.0.1', resolve)
      })
      isSent = true
    }
  } finally {
    socket.close()
  }
}
