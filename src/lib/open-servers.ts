import type { Server } from 'node:net'

/**
 * Opens one TCP server on each host, all on one port. All are open, or none.
 *
 * Port 0 asks for a free port: the first host is given one by the system, and the others have to get the same. If
 * another program has it there, the whole is tried again with another port. A loopback address of a family that the
 * machine does not have (`::1` where IPv6 is off) is left out, as long as another address remains.
 */
export interface OpenServersOptions<S extends Server> {
  readonly hosts: readonly string[]
  readonly port: number
  /** Makes a server that does not listen yet. */
  readonly create: () => S
}

/** Which host could not be opened. `cause` is the system's error. */
export class OpenServersError extends Error {
  readonly host: string
  readonly port: number

  constructor(host: string, port: number, cause: unknown) {
    super(`cannot listen on ${host}:${port}`, { cause })
    this.name = 'OpenServersError'
    this.host = host
    this.port = port
  }
}

/** How often a free port is looked for that is free on every host. */
const FREE_PORT_ATTEMPTS = 10

export async function openServers<S extends Server>(options: OpenServersOptions<S>): Promise<S[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openAll(options)
    } catch (error) {
      const canRetry = options.port === 0 && isTaken(error) && attempt < FREE_PORT_ATTEMPTS
      if (!canRetry) throw error
    }
  }
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

async function openAll<S extends Server>({ hosts, port, create }: OpenServersOptions<S>): Promise<S[]> {
  const open: S[] = []
  let absent: unknown
  for (const host of hosts) {
    const first = open[0]
    const wantedPort = first === undefined ? port : portOf(first)
    const server = create()
    try {
      // `::` alone takes IPv4 as well; beside `0.0.0.0` it has to leave that to its neighbour.
      await listen(server, host, wantedPort, hosts.length > 1)
      open.push(server)
    } catch (error) {
      const failure = new OpenServersError(host, wantedPort, error)
      if (isAbsentLoopback(host, error)) {
        absent = failure
        continue
      }
      await Promise.all(open.map(close))
      throw failure
    }
  }
  if (open.length === 0) throw absent ?? new Error('BUG: no host to listen on')
  return open
}

function listen(server: Server, host: string, port: number, ipv6Only: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, ipv6Only }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

function isAbsentLoopback(host: string, error: unknown): boolean {
  const code = codeOf(error)
  const isLoopback = host === '::1' || host === '127.0.0.1'
  return isLoopback && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')
}

function isTaken(error: unknown): boolean {
  return error instanceof OpenServersError && codeOf(error.cause) === 'EADDRINUSE'
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException | undefined)?.code
}
