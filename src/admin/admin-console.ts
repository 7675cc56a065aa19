import { createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../lib/clock.ts'
import { hostOf, openServers, portOf } from '../lib/open-servers.ts'
import { bindError } from '../telemetry/bind-error.ts'
import type { Log } from '../telemetry/log.ts'
import { AdminConnection } from './admin-connection.ts'
import { answerLine } from './answer-line.ts'
import type { AdminServices } from './services.ts'

/**
 * etsy's management console: commands as lines of text over TCP, answered in etsy's words.
 *
 *   health down\n        -> health: down\n
 *
 * etsy's server takes whatever arrives in one piece for one command, and its clients rely on that: many send `health`
 * without a line end. Here commands end with LF or CRLF and several may arrive in one piece; a piece without a line end
 * is taken for a command when nothing follows it for a moment, or when the client stops sending.
 *
 * Any web page may have its browser send HTTP to a port of this machine, and the lines of its body would be commands. So
 * whoever begins like HTTP is not listened to.
 */
export interface AdminConsole {
  /** Binds every address or none. Rejects with `address-in-use`, `address-denied` or `address-unavailable`. */
  open(): Promise<{ host: string; port: number }[]>
  /** Whether metrics may be deleted from now on. */
  setWritable(isWritable: boolean): void
  /** Ends every connection. Safe to call twice, and before `open`. */
  close(): Promise<void>
}

export interface AdminConsoleOptions {
  readonly hosts: readonly string[]
  /** 0 asks for a free port, one and the same for all hosts. */
  readonly port: number
  /** Metrics may be deleted. Not allowed if left out. */
  readonly isWritable?: boolean
  readonly services: AdminServices
  readonly clock: Clock
  readonly log: Log
}

const MOST_CLIENTS = 16

export function createAdminConsole(options: AdminConsoleOptions): AdminConsole {
  const { hosts, port, isWritable = false, services, clock, log } = options
  const context = { state: { isHealthy: true }, services, isWritable, clock, log }
  const clients = new Set<Socket>()
  let servers: Server[] = []

  return {
    async open() {
      servers = await openServers({
        hosts,
        port,
        create: () => createServer({ allowHalfOpen: true }, accept),
        failure: (cause, host, wantedPort) =>
          bindError(cause, { transport: 'tcp', host, port: wantedPort, name: 'admin', flag: '--admin-port' }),
      })
      for (const server of servers) {
        server.on('error', (err) => log.warn({ err }, 'a connection to the admin console failed'))
      }
      return servers.map((server) => ({ host: hostOf(server), port: portOf(server) }))
    },

    setWritable(value) {
      context.isWritable = value
    },

    async close() {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)))
      servers = []
      for (const client of clients) client.destroy()
      await Promise.all(closed)
    },
  }

  function accept(socket: Socket): void {
    if (clients.size >= MOST_CLIENTS) {
      socket.destroy()
      return
    }
    clients.add(socket)
    socket.on('close', () => clients.delete(socket))
    new AdminConnection(socket, { clock, answer: (line) => answerLine(line, context) })
  }
}
