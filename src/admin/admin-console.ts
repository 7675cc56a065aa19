import { createServer, type Server, type Socket } from 'node:net'
import type { Clock, Timer } from '../lib/clock.ts'
import { hostOf, openServers, portOf } from '../lib/open-servers.ts'
import { bindError } from '../telemetry/bind-error.ts'
import type { Log } from '../telemetry/log.ts'
import { type AdminState, COMMANDS } from './commands.ts'

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
  /** Ends every connection. Safe to call twice, and before `open`. */
  close(): Promise<void>
}

export interface AdminConsoleOptions {
  readonly hosts: readonly string[]
  /** 0 asks for a free port, one and the same for all hosts. */
  readonly port: number
  readonly clock: Clock
  readonly log: Log
}

const MAX_CLIENTS = 16
const MAX_LINE_BYTES = 4096
/** Answers that wait for a client that does not read. */
const MAX_WAITING_BYTES = 64 * 1024
const IDLE_TIMEOUT_MS = 30_000
const UNENDED_LINE_MS = 50
const HTTP_REQUEST_LINE = /^[A-Z]+ .* HTTP\/\d/

export function createAdminConsole(options: AdminConsoleOptions): AdminConsole {
  const { hosts, port, clock, log } = options
  const state: AdminState = { isHealthy: true }
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

    async close() {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)))
      servers = []
      for (const client of clients) client.destroy()
      await Promise.all(closed)
    },
  }

  function accept(socket: Socket): void {
    if (clients.size >= MAX_CLIENTS) {
      socket.destroy()
      return
    }
    clients.add(socket)
    let waiting = ''
    let unended: Timer | undefined
    let idle = clock.after(IDLE_TIMEOUT_MS, () => socket.destroy())

    // Bytes become characters one to one, so that the bound is a bound on bytes.
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      idle.cancel()
      idle = clock.after(IDLE_TIMEOUT_MS, () => socket.destroy())
      unended?.cancel()
      const lines = (waiting + String(chunk)).split('\n')
      waiting = lines.pop() ?? ''
      for (const line of lines) serve(line)
      if (waiting.length > MAX_LINE_BYTES) refuseLine()
      else if (waiting !== '') unended = clock.after(UNENDED_LINE_MS, serveWaiting)
    })
    socket.on('end', () => {
      serveWaiting()
      socket.end()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clients.delete(socket)
      idle.cancel()
      unended?.cancel()
    })

    function serveWaiting(): void {
      const line = waiting
      waiting = ''
      serve(line)
    }

    function refuseLine(): void {
      waiting = ''
      socket.write('ERROR\n')
      socket.destroySoon()
    }

    function serve(line: string): void {
      // What was sent behind a `quit` is not done.
      if (!socket.writable) return
      if (HTTP_REQUEST_LINE.test(line)) {
        socket.destroy()
        return
      }
      const answer = answerLine(line, state)
      if (answer === undefined) socket.destroySoon()
      else if (socket.writableLength + answer.length > MAX_WAITING_BYTES) socket.destroy()
      else if (answer !== '') socket.write(answer)
    }
  }
}

/** The answer to one line; undefined ends the connection. An empty line is no command. */
function answerLine(line: string, state: AdminState): string | undefined {
  if (line.length > MAX_LINE_BYTES) return 'ERROR\n'
  const [name = '', ...words] = line.trim().split(' ')
  if (name === '') return ''
  const command = COMMANDS.get(name)
  return command === undefined ? 'ERROR\n' : command(words, state)
}
