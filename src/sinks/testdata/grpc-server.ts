import { once } from 'node:events'
import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface GrpcCall {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Decompressed. */
  readonly message: Buffer
}

export interface GrpcReply {
  readonly status?: number
  readonly message?: Uint8Array
  /** `grpc-message` and others. */
  readonly trailers?: Readonly<Record<string, string>>
  /** Instead of an answer of gRPC. */
  readonly httpStatus?: number
}

/** A server of unary calls of gRPC, strict about their form, which answers as it is told. */
export class GrpcTestServer {
  readonly url: string
  readonly calls: GrpcCall[] = []
  /** undefined: nothing at all. */
  reply: (call: GrpcCall) => GrpcReply | undefined
  connectionCount = 0
  readonly #server: Http2Server
  readonly #sessions = new Set<ServerHttp2Session>()

  static async start(reply: GrpcTestServer['reply'] = () => ({})): Promise<GrpcTestServer> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new GrpcTestServer(server, reply)
  }

  private constructor(server: Http2Server, reply: GrpcTestServer['reply']) {
    this.#server = server
    this.reply = reply
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('session', (session) => {
      this.connectionCount += 1
      this.#sessions.add(session)
      session.on('close', () => this.#sessions.delete(session))
    })
    server.on('stream', (stream, headers) => {
      const chunks: Buffer[] = []
      stream.on('error', () => {})
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const call = { path: String(headers[':path']), headers, message: unframe(Buffer.concat(chunks), headers) }
        this.calls.push(call)
        const answer = this.reply(call)
        if (answer === undefined) return
        const { status = 0, message = new Uint8Array(), trailers = {}, httpStatus } = answer
        if (httpStatus !== undefined) {
          stream.respond({ ':status': httpStatus }, { endStream: true })
          return
        }
        const type = { ':status': 200, 'content-type': 'application/grpc' }
        if (status !== 0) {
          stream.respond({ ...type, 'grpc-status': String(status), ...trailers }, { endStream: true })
          return
        }
        stream.respond(type, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', ...trailers }))
        const header = Buffer.alloc(5)
        header.writeUInt32BE(message.length, 1)
        stream.end(Buffer.concat([header, message]))
      })
    })
  }

  /** As when the process ends: connections break, the port is free. */
  async stop(): Promise<void> {
    for (const session of this.#sessions) session.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  breakConnections(): void {
    for (const session of this.#sessions) session.destroy()
  }
}

function unframe(data: Buffer, headers: IncomingHttpHeaders): Buffer {
  const isRight =
    headers[':method'] === 'POST' && headers['content-type'] === 'application/grpc' && headers['te'] === 'trailers'
  if (!isRight) throw new Error(`this is no call: ${JSON.stringify(headers)}`)
  if (data.readUInt32BE(1) !== data.length - 5) throw new Error('the length of the message is wrong')
  const isCompressed = data[0] === 1
  if (isCompressed !== (headers['grpc-encoding'] === 'gzip')) throw new Error('compressed or not?')
  return isCompressed ? gunzipSync(data.subarray(5)) : data.subarray(5)
}
