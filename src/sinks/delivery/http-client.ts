import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { deflate, gzip, zstdCompress } from 'node:zlib'
import type { Clock } from '../../lib/clock.ts'
import { nodeHttp } from '../../lib/node-http.ts'
import type { Compression } from './http-options.ts'

export interface HttpClientOptions {
  readonly compression: Compression
  readonly timeoutMs: number
  /** As many connections as that are kept. */
  readonly concurrency: number
  readonly clock: Clock
}

export interface HttpRequest {
  /** Default: POST. */
  readonly method?: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Left out: that of the client. */
  readonly compression?: Compression
  /** How much of the answer is read; the rest is thrown away unread. */
  readonly mostAnswerBytes?: number
}

export interface HttpAnswer {
  readonly status: number
  readonly statusText: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Says more of it than the status, where the protocol is not HTTP's: `gRPC 14 UNAVAILABLE`. */
  readonly shownStatus?: string
  /** The first part of the body. */
  readonly body: Uint8Array
  readonly text: string
  /** As sent, after compression. */
  readonly sentBytes: number
}

/**
 * Sends requests over connections that are kept. Follows no redirection: credentials never go where nobody said they should, and an
 * answer is read up to a bound, whatever its length says. Rejects with an Error that says why when no answer came in time.
 */
export class HttpClient {
  readonly #options: HttpClientOptions
  readonly #agents = new Map<string, InstanceType<typeof nodeHttp.Agent>>()

  constructor(options: HttpClientOptions) {
    this.#options = options
  }

  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    signal.throwIfAborted()
    const { timeoutMs, clock } = this.#options
    const { compression = this.#options.compression } = request
    const body = await COMPRESS[compression](request.body)
    signal.throwIfAborted()
    const abort = new AbortController()
    const passOn = (): void => abort.abort(signal.reason)
    signal.addEventListener('abort', passOn)
    const timer = clock.after(timeoutMs, () =>
      abort.abort(new Error(`it has not answered within ${timeoutMs / 1000} s`)),
    )
    try {
      for (;;) {
        const answer = await this.#exchange({ ...request, compression, body }, abort.signal)
        if (answer !== 'stale') return answer
      }
    } catch (error) {
      throw abort.signal.aborted ? abort.signal.reason : error
    } finally {
      timer.cancel()
      signal.removeEventListener('abort', passOn)
    }
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy()
    this.#agents.clear()
  }

  /** `stale`: the connection had been kept, and the other end had closed it meanwhile. It is gone, and another one is taken. */
  #exchange(
    { method = 'POST', url, headers, body, compression, mostAnswerBytes = MOST_ANSWER_BYTES }: HttpRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer | 'stale'> {
    const module = url.protocol === 'https:' ? process.getBuiltinModule('node:https') : nodeHttp
    return new Promise((resolve, reject) => {
      const sending = module.request(
        url,
        {
          method,
          agent: this.#agent(url.protocol),
          signal,
          headers: {
            'user-agent': 'kymo',
            'content-length': String(body.length),
            ...(compression === 'none' ? {} : { 'content-encoding': compression }),
            ...headers,
          },
        },
        (response) => {
          response.on('error', reject)
          readStart(response, mostAnswerBytes, (start) =>
            resolve({
              status: response.statusCode ?? 0,
              statusText: response.statusMessage ?? '',
              headers: response.headers,
              body: start,
              text: start.toString(),
              sentBytes: body.length,
            }),
          )
        },
      )
      sending.on('error', (error: NodeJS.ErrnoException) => {
        if (sending.reusedSocket && STALE.has(error.code)) resolve('stale')
        else reject(error)
      })
      sending.end(body)
    })
  }

  #agent(protocol: string): InstanceType<typeof nodeHttp.Agent> {
    const known = this.#agents.get(protocol)
    if (known !== undefined) return known
    const { Agent } = protocol === 'https:' ? process.getBuiltinModule('node:https') : nodeHttp
    const agent = new Agent({
      keepAlive: true,
      maxSockets: this.#options.concurrency,
      // A session of TLS that is resumed does not look at the certificate again, which may have run out since.
      maxCachedSessions: 0,
    })
    this.#agents.set(protocol, agent)
    return agent
  }
}

/** What is written to a connection that is closed at the other end, as idle ones are after a while, comes to. */
const STALE: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE'])

const MOST_ANSWER_BYTES = 64 * 1024

const COMPRESS: Readonly<Record<Compression, (body: Uint8Array) => Promise<Uint8Array>>> = {
  none: async (body) => body,
  gzip: promisify<Uint8Array, Uint8Array>(gzip),
  deflate: promisify<Uint8Array, Uint8Array>(deflate),
  zstd: promisify<Uint8Array, Uint8Array>(zstdCompress),
}

function readStart(response: IncomingMessage, mostBytes: number, done: (start: Buffer) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  const finish = (): void => done(Buffer.concat(chunks).subarray(0, mostBytes))
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes < mostBytes) return
    response.removeAllListeners('data')
    response.removeAllListeners('end')
    response.destroy()
    finish()
  })
  response.on('end', finish)
}
