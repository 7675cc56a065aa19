import { createSocket, type Socket } from 'node:dgram'
import { isIPv4, isIPv6 } from 'node:net'
import { bindHosts, type BindOptions } from './bind-hosts.ts'

/**
 * Finds out, by a plain bind, that a port is nobody's, before several sockets of ours share it: sharing would succeed
 * silently beside a stranger that shares too, and each would get some of the packets. Port 0 becomes a free one.
 * Rejects as opening a listener does.
 */
export async function probeUdpPort(options: BindOptions): Promise<number> {
  const bound = await bindHosts<Socket>(options, {
    transport: 'udp',
    bind: (host, port) =>
      new Promise((resolve, reject) => {
        const socket = createSocket({
          type: isIPv6(host) ? 'udp6' : 'udp4',
          ipv6Only: isIPv6(host) && options.hosts.some((other) => isIPv4(other)),
        })
        socket.once('error', (error) => {
          socket.close()
          reject(error)
        })
        socket.bind({ address: host, port, exclusive: true }, () =>
          resolve({ socket, host, port: socket.address().port }),
        )
      }),
    release: (socket) => new Promise((resolve) => socket.close(() => resolve())),
  })
  await Promise.all(bound.map(({ socket }) => new Promise<void>((resolve) => socket.close(() => resolve()))))
  return bound[0]?.port ?? options.port
}
