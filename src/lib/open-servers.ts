import type { Server } from 'node:net'
import { bindHosts, type BindHostsOptions } from './bind-hosts.ts'

/** One TCP server on each host, all on one port, by the rules of bind-hosts.ts. */
export interface OpenServersOptions<S extends Server>
  extends Pick<BindHostsOptions<S>, 'hosts' | 'port' | 'failure'> {
  /** Makes a server that does not listen yet. */
  readonly create: () => S
}

export async function openServers<S extends Server>(options: OpenServersOptions<S>): Promise<S[]> {
  const { hosts, port, failure, create } = options
  const bound = await bindHosts<S>({
    hosts,
    port,
    failure,
    async bind(host, wantedPort) {
      const server = create()
      // `::` alone takes IPv4 as well; beside `0.0.0.0` it has to leave that to its neighbour.
      await listen(server, { host, port: wantedPort, ipv6Only: hosts.length > 1 })
      return { socket: server, host, port: portOf(server) }
    },
    release: (server) => new Promise((resolve) => server.close(() => resolve())),
  })
  return bound.map(({ socket }) => socket)
}

/** The port that a listening server has. */
export function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('BUG: the server has no port')
  return address.port
}

/** The address that a listening server has. */
export function hostOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('BUG: the server has no address')
  return address.address
}

function listen(server: Server, where: { host: string; port: number; ipv6Only: boolean }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
