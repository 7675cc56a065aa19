import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'

export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Decompressed. */
  readonly body: Buffer
  /** As it came. */
  readonly wireBody: Buffer
}

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** An HTTP server that keeps what it is sent and answers as it is told. */
export class HttpTestServer {
  readonly url: string
  readonly requests: ReceivedRequest[] = []
  /** How it answers; may also write to the response itself and return undefined. */
  reply: (request: ReceivedRequest, response: ServerResponse) => Reply | undefined
  readonly #server: Server

  static async start(reply: HttpTestServer['reply'] = () => ({ status: 204 })): Promise<HttpTestServer> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new HttpTestServer(server, reply)
  }

  private constructor(server: Server, reply: HttpTestServer['reply']) {
    this.#server = server
    this.reply = reply
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const wireBody = Buffer.concat(chunks)
        const received = {
          method: request.method ?? '',
          path: request.url ?? '',
          headers: request.headers,
          body: decode(wireBody, request.headers['content-encoding']),
          wireBody,
        }
        this.requests.push(received)
        const answer = this.reply(received, response)
        if (answer !== undefined) response.writeHead(answer.status, answer.headers).end(answer.body ?? '')
      })
    })
  }

  get bodies(): string[] {
    return this.requests.map(({ body }) => body.toString())
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

function decode(body: Buffer, encoding = 'identity'): Buffer {
  return DECODERS[encoding]?.(body) ?? body
}

const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  zstd: zstdDecompressSync,
  // What Datadog calls it.
  zstd1: zstdDecompressSync,
}
