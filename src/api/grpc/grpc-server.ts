import type { Http2Server, ServerHttp2Session } from 'node:http2'
import { type Clock, sleep } from '../../lib/clock.ts'
import { hostOf, openServers, portOf } from '../../lib/open-servers.ts'
import { bindError } from '../../telemetry/bind-error.ts'
import type { Log } from '../../telemetry/log.ts'
import { BodyRoom } from '../body-room.ts'
import type { HttpAddress } from '../server.ts'
import type { GrpcMethod } from './grpc-method.ts'
import { answerCall } from './unary-call.ts'

export interface GrpcServerOptions {
  readonly methods: readonly GrpcMethod[]
  readonly clock: Clock
  readonly log: Log
  readonly hosts: readonly string[]
  /** 0 asks for a free port, one and the same for all hosts. */
  readonly port: number
  /** Its setting. */
  readonly portOption: string
  readonly maxConnections?: number
  readonly idleTimeoutMs?: number
  readonly callTimeoutMs?: number
}

/** As that of HTTP. */
const MESSAGE_BYTES = 8 * 1024 * 1024
/** Messages that are being sent or worked on, of all connections together. */
const MOST_HELD_BYTES = 64 * 1024 * 1024
const MAX_CONNECTIONS = 256
const MAX_STREAMS = 32
const HEADER_BYTES = 16 * 1024
/** Exporters mostly send once a minute, and find a connection again that was closed in between. */
const IDLE_TIMEOUT_MS = 5 * 60_000
const CALL_TIMEOUT_MS = 30_000
const CLOSE_GRACE_MS = 3_000

/** gRPC without TLS: one server of HTTP/2 for each address, all on one port. */
export class GrpcServer {
  readonly #options: GrpcServerOptions
  readonly #room = new BodyRoom(MOST_HELD_BYTES)
  readonly #sessions = new Set<ServerHttp2Session>()
  #servers: Http2Server[] = []

  constructor(options: GrpcServerOptions) {
    this.#options = options
  }

  /** Binds every address or none. Rejects with the KymoErrors of addresses. */
  async open(): Promise<HttpAddress[]> {
    const { hosts, port, portOption, log } = this.#options
    this.#servers = await openServers({
      hosts,
      port,
      create: () => this.#createServer(),
      failure: (cause, host, wanted) =>
        bindError(cause, { transport: 'tcp', host, port: wanted, name: 'otlp', flag: portOption }),
    })
    for (const server of this.#servers)
      server.on('error', (err) => log.warn({ err }, 'a connection could not be accepted'))
    return this.#servers.map((server) => ({ host: hostOf(server), port: portOf(server) }))
  }

  /** Takes no new calls, gives those under way a few seconds, then cuts them off. Safe to call twice, and before `open`. */
  async close(): Promise<void> {
    // Which tells its sessions to end once their calls have.
    const closed = this.#servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))
    if (this.#sessions.size > 0)
      await Promise.race([Promise.all(closed), sleep(this.#options.clock, CLOSE_GRACE_MS)])
    for (const session of this.#sessions) session.destroy()
    await Promise.all(closed)
  }

  #createServer(): Http2Server {
    const {
      clock,
      maxConnections = MAX_CONNECTIONS,
      idleTimeoutMs = IDLE_TIMEOUT_MS,
      callTimeoutMs = CALL_TIMEOUT_MS,
    } = this.#options
    const server = process.getBuiltinModule('node:http2').createServer({
      settings: {
        maxConcurrentStreams: MAX_STREAMS,
        maxHeaderListSize: HEADER_BYTES,
        enablePush: false,
      },
      maxHeaderListPairs: 64,
    })
    server.maxConnections = maxConnections
    server.on('session', (session) => {
      this.#sessions.add(session)
      // What is no HTTP/2 ends there, and nothing else comes of it.
      session.on('error', () => {})
      const end = (): void => {
        session.close()
        timer = clock.after(CLOSE_GRACE_MS, () => session.destroy())
      }
      let timer = clock.after(idleTimeoutMs, end)
      session.on('stream', () => {
        timer.cancel()
        timer = clock.after(idleTimeoutMs, end)
      })
      session.on('close', () => {
        timer.cancel()
        this.#sessions.delete(session)
      })
    })
    const callOptions = {
      ...this.#options,
      room: this.#room,
      limitBytes: MESSAGE_BYTES,
      timeoutMs: callTimeoutMs,
    }
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {})
      void answerCall(stream, headers, callOptions)
    })
    return server
  }
}
