import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { readUdpSockets } from './udp-sockets.ts'

test.runIf(process.platform === 'linux')(
  'a socket that reads has an empty queue, and a closed one is gone',
  async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()
    socket.send('a:1|c', port, '127.0.0.1')
    await once(socket, 'message')
    expect(readUdpSockets(port)).toEqual({ isBound: true, queuedBytes: 0, droppedDatagrams: 0 })
    socket.close()
    await once(socket, 'close')
    expect(readUdpSockets(port).isBound).toBe(false)
  },
)
