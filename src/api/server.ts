import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { hostname } from 'node:os'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { type Clock, sleep } from '../lib/clock.ts'
import { nodeHttp } from '../lib/node-http.ts'
import { hostOf, openServers, portOf } from '../lib/open-servers.ts'
import { bindError } from '../telemetry/bind-error.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { Log } from '../telemetry/log.ts'
import { ANSWER_HEADERS } from './answer-headers.ts'
import {
  answerError,
  HEADER_LIMIT_BYTES,
  renderRawResponse,
  toKymoError,
  unreadableRequest,
} from './error-answer.ts'
import { createHostRules, type HostRules } from './host-rules.ts'
import { createLiveFeed, type LiveFeed } from './live-feed.ts'
import { createProbes, type Probes } from './probes.ts'
import type { ApiServices } from './services.ts'

/**
 * The HTTP server: one application behind one node server for each address, all on one port.
 */
export interface HttpServer {
  /**
   * Binds every address or none. Rejects with the KymoError `address-in-use`, `address-denied` or
   * `address-unavailable`. `::1` is left out on a machine without IPv6.
   */
  open(): Promise<HttpAddress[]>
  /**
   * Takes no new connections, ends live streams, gives what is under way a few seconds, then cuts it off. Safe to call
   * twice, and before `open`.
   */
  close(): Promise<void>
  /** When somebody last asked for more than a probe; 0: nobody has. */
  readonly lastAskedMs: number
}

export interface HttpAddress {
  readonly host: string
  readonly port: number
}

export interface HttpServerOptions {
  readonly services: ApiServices
  readonly log: Log
  readonly clock: Clock
  /** `127.0.0.1`, `::1`, `0.0.0.0`, ... Any that is not loopback opens the server to other machines. */
  readonly hosts: readonly string[]
  /** 0 asks for a free port, one and the same for all hosts. */
  readonly port: number
  /** Names under which this server may be asked, beyond those that are safe by themselves: `name` or `name:port`. */
  readonly allowedHosts: readonly string[]
  /** Folder of the built web app. */
  readonly webRoot?: string
  /** Version of Kymo. */
  readonly version: string
  readonly stillTimeoutMs?: number
  readonly maxUnreadBytes?: number
}

const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
/** Above the 60 s after which proxies drop idle connections, so that they are the ones who do. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000
const TIMEOUT_CHECK_INTERVAL_MS = 5_000
const MAX_CONNECTIONS = 1024
const CLOSE_GRACE_MS = 3_000

/** A connection on which nothing moves is cut: its client does not read. Longer than the longest query. */
const STILL_TIMEOUT_MS = 90_000

/** Answers that clients have not taken yet. Beyond this no query is begun. */
const MAX_UNREAD_BYTES = 256 * 1024 * 1024

export function createServer(options: HttpServerOptions): HttpServer {
  return new AppServer(options)
}

class AppServer implements HttpServer {
  readonly #options: HttpServerOptions
  readonly #live: LiveFeed
  readonly #hostRules: HostRules
  readonly #probes: Probes
  /** There once somebody has asked for more than a probe. */
  #app: FastifyInstance | undefined
  #loading: Promise<FastifyInstance> | undefined
  #servers: Server[] = []
  /** Responses that have begun and are not out yet. */
  readonly #underWay = new Set<ServerResponse>()
  #onAllAnswered: () => void = () => {}
  #closing: Promise<void> | undefined
  #lastAskedMs = 0

  constructor(options: HttpServerOptions) {
    this.#options = options
    this.#live = createLiveFeed(options)
    this.#hostRules = createHostRules({ ...options, machineName: hostname() })
    const { services, clock } = options
    const describeApi = (): never => {
      throw new Error('BUG: no probe describes the API')
    }
    const context = { services, clock, live: this.#live, describeApi }
    this.#probes = createProbes({ context, hostRules: this.#hostRules })
  }

  async open(): Promise<HttpAddress[]> {
    this.#servers = await openServers({
      hosts: this.#options.hosts,
      port: this.#options.port,
      create: () => this.#createNodeServer(),
      failure: (cause, host, port) =>
        bindError(cause, { transport: 'tcp', host, port, name: 'http', flag: '--http-port' }),
    })
    for (const server of this.#servers) {
      server.on('error', (err) => this.#options.log.warn({ err }, 'a connection could not be accepted'))
    }
    return this.#servers.map((server) => ({ host: hostOf(server), port: portOf(server) }))
  }

  get lastAskedMs(): number {
    return this.#lastAskedMs
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)))
    this.#live.close()
    if (this.#underWay.size > 0) {
      const allAnswered = new Promise<void>((resolve) => {
        this.#onAllAnswered = resolve
      })
      await Promise.race([allAnswered, sleep(this.#options.clock, CLOSE_GRACE_MS)])
    }
    for (const server of this.#servers) server.closeAllConnections()
    await Promise.all(closed)
    // One that failed to load has nothing to close.
    await (await this.#loading?.catch(() => undefined))?.close()
  }

  /** Those who ask meanwhile wait for the same; if it fails, the next one tries again. */
  #loadApp(): Promise<FastifyInstance> {
    this.#loading ??= this.#buildApp().catch((error: unknown) => {
      this.#loading = undefined
      throw error
    })
    return this.#loading
  }

  async #buildApp(): Promise<FastifyInstance> {
    const { buildServedApp } = await import('./served-app.ts')
    this.#app = await buildServedApp({
      ...this.#options,
      live: this.#live,
      hostRules: this.#hostRules,
      refuseWhileUnread: () => this.#refuseWhileUnread(),
    })
    return this.#app
  }

  #createNodeServer(): Server {
    const server = nodeHttp.createServer(
      {
        maxHeaderSize: HEADER_LIMIT_BYTES,
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
        connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS,
        insecureHTTPParser: false,
        // A missing Host is refused by the application, with a sentence.
        requireHostHeader: false,
      },
      (request, response) => this.#serve(request, response),
    )
    server.maxConnections = MAX_CONNECTIONS
    server.timeout = this.#options.stillTimeoutMs ?? STILL_TIMEOUT_MS
    server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      this.#serve(request, response)
    })
    server.on('clientError', (error, socket) => this.#refuseUnreadable(error, socket))
    return server
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.#underWay.add(response)
    response.once('close', () => {
      this.#underWay.delete(response)
      if (this.#underWay.size === 0) this.#onAllAnswered()
    })
    if (this.#app === undefined && this.#probes.answer(request, response)) return
    this.#lastAskedMs = this.#options.clock.nowMs()
    if (this.#app !== undefined) this.#app.routing(request, response)
    else void this.#serveOnceLoaded(request, response)
  }

  async #serveOnceLoaded(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const app = await this.#loadApp().catch((err: unknown) => {
      this.#options.log.error({ err }, 'the HTTP application could not be loaded')
      const { status, headers, body } = answerError(toKymoError(err))
      response.writeHead(status, { ...ANSWER_HEADERS, ...headers }).end(body)
    })
    // Whoever has gone meanwhile would not be missed any more.
    if (!response.closed) app?.routing(request, response)
  }

  #refuseWhileUnread(): void {
    let bytes = 0
    for (const response of this.#underWay) bytes += response.writableLength
    if (bytes <= (this.#options.maxUnreadBytes ?? MAX_UNREAD_BYTES)) return
    throw new KymoError('server-busy', { reason: `clients have yet to read ${bytes} bytes of answers` })
  }

  #refuseUnreadable(error: Error, socket: Duplex): void {
    // An answer that has begun cannot be followed by another.
    const hasBegun = [...this.#underWay].some(
      (response) => response.socket === socket && response.headersSent,
    )
    const isGone = (error as NodeJS.ErrnoException).code === 'ECONNRESET' || !socket.writable
    if (hasBegun || isGone) socket.destroy(error)
    else socket.end(renderRawResponse(unreadableRequest(error)))
  }
}
