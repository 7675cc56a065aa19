import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Clock } from '../../lib/clock.ts'
import { ProtobufError, ProtobufReader } from '../../lib/protobuf-reader.ts'
import type { HttpAnswer, HttpRequest } from './http-client.ts'

export interface GrpcClientOptions {
  readonly compression: 'none' | 'gzip'
  readonly timeoutMs: number
  readonly clock: Clock
}

/**
 * Unary calls of gRPC over one HTTP/2 connection that is kept: with TLS where the address says https, without where it says http.
 *
 *   request  DATA  00|01 <length, 4 bytes> message      01: compressed as `grpc-encoding` says
 *   answer   HEADERS :status 200, DATA as above, HEADERS grpc-status 0, grpc-message
 *
 * Takes the place of an HttpClient: a status of gRPC is given as that of HTTP that means the same to whoever sends.
 */
export class GrpcClient {
  readonly #options: GrpcClientOptions
  readonly #sessions = new Map<string, ClientHttp2Session>()

  constructor(options: GrpcClientOptions) {
    this.#options = options
  }

  async send(
    { url, headers, body, mostAnswerBytes = MOST_ANSWER_BYTES }: HttpRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    signal.throwIfAborted()
    const { compression, timeoutMs, clock } = this.#options
    const message = frame(compression === 'gzip' ? await compress(body) : body, compression === 'gzip')
    signal.throwIfAborted()
    const stream = this.#sessionOf(url).request({
      ':method': 'POST',
      ':path': url.pathname,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'kymo',
      ...(compression === 'gzip' ? { 'grpc-encoding': 'gzip' } : {}),
      ...headers,
    })
    const answer = readAnswer(stream, mostAnswerBytes)
    // Whoever waits hears of it by `answer`, also when the abort comes first.
    answer.catch(() => {})
    const stop = (reason: Error): void => void stream.destroy(reason)
    const onAbort = (): void => stop(signal.reason as Error)
    const timer = clock.after(timeoutMs, () =>
      stop(new Error(`it has not answered within ${timeoutMs / 1000} s`)),
    )
    signal.addEventListener('abort', onAbort)
    try {
      stream.end(message)
      return { ...(await answer), sentBytes: message.length }
    } finally {
      timer.cancel()
      signal.removeEventListener('abort', onAbort)
    }
  }

  close(): void {
    for (const session of this.#sessions.values()) session.destroy()
    this.#sessions.clear()
  }

  #sessionOf({ origin }: URL): ClientHttp2Session {
    const known = this.#sessions.get(origin)
    if (known !== undefined && !known.closed && !known.destroyed) return known
    const session = process.getBuiltinModule('node:http2').connect(origin)
    const forget = (): void => {
      if (this.#sessions.get(origin) === session) this.#sessions.delete(origin)
    }
    // Its streams fail with the same error, which is where it is told.
    session.on('error', forget)
    session.on('close', forget)
    session.on('goaway', forget)
    this.#sessions.set(origin, session)
    return session
  }
}

const MOST_ANSWER_BYTES = 64 * 1024
const FRAME_HEADER_BYTES = 5
const compress = promisify<Uint8Array, Uint8Array>(gzip)

function frame(message: Uint8Array, isCompressed: boolean): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES)
  header.writeUInt8(isCompressed ? 1 : 0)
  header.writeUInt32BE(message.length, 1)
  return Buffer.concat([header, message])
}

type Answer = Omit<HttpAnswer, 'sentBytes'>

function readAnswer(stream: ClientHttp2Stream, mostBytes: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    let headers: IncomingHttpHeaders = {}
    let trailers: IncomingHttpHeaders = {}
    stream.on('response', (received) => {
      headers = received
    })
    stream.on('trailers', (received) => {
      trailers = received
    })
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > mostBytes) stream.destroy(new Error(`its answer is longer than ${mostBytes} bytes`))
      else chunks.push(chunk)
    })
    stream.on('error', reject)
    stream.on('close', () => {
      // An answer without a message has its trailers in place of headers.
      const status = trailers['grpc-status'] ?? headers['grpc-status']
      const httpStatus = Number(headers[':status'] ?? 0)
      if (httpStatus === 0) reject(new Error('it closed the connection without an answer'))
      else if (httpStatus !== 200)
        resolve({ status: httpStatus, statusText: '', headers, text: '', body: NOTHING })
      else if (typeof status !== 'string') reject(new Error('its answer breaks off'))
      else resolve(toHttp(status, { ...headers, ...trailers }, Buffer.concat(chunks)))
    })
  })
}

const NOTHING = new Uint8Array()

function toHttp(status: string, headers: IncomingHttpHeaders, data: Buffer): Answer {
  if (status === '0') {
    const body = data.subarray(FRAME_HEADER_BYTES)
    return { status: 200, statusText: '', headers, text: '', body }
  }
  const retryAfterSeconds = readRetryDelay(headers['grpc-status-details-bin'])
  const [name, ofHttp] = STATUSES[Number(status)] ?? ['?', 400]
  // With a word on when to come again it is busy; without, the request is too large.
  const isBusy = name === 'RESOURCE_EXHAUSTED' && retryAfterSeconds !== undefined
  return {
    status: isBusy ? 429 : ofHttp,
    statusText: '',
    shownStatus: `gRPC ${status} ${name}`,
    headers:
      retryAfterSeconds === undefined ? headers : { ...headers, 'retry-after': String(retryAfterSeconds) },
    text: decodeMessage(headers['grpc-message']),
    body: NOTHING,
  }
}

/** What each means to whoever sends: as the specification of OTLP has it, those that may be tried again are 503. */
const STATUSES: Readonly<Record<number, readonly [name: string, ofHttp: number]>> = {
  1: ['CANCELLED', 503],
  2: ['UNKNOWN', 400],
  3: ['INVALID_ARGUMENT', 400],
  4: ['DEADLINE_EXCEEDED', 503],
  5: ['NOT_FOUND', 404],
  6: ['ALREADY_EXISTS', 400],
  7: ['PERMISSION_DENIED', 403],
  8: ['RESOURCE_EXHAUSTED', 413],
  9: ['FAILED_PRECONDITION', 400],
  10: ['ABORTED', 503],
  11: ['OUT_OF_RANGE', 503],
  12: ['UNIMPLEMENTED', 404],
  13: ['INTERNAL', 400],
  14: ['UNAVAILABLE', 503],
  15: ['DATA_LOSS', 503],
  16: ['UNAUTHENTICATED', 401],
}

/** Percent-encoded. */
function decodeMessage(message: string | string[] | undefined): string {
  const text = typeof message === 'string' ? message : ''
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Seconds of a RetryInfo, rounded up. undefined: there is none.
 *
 *   google.rpc.Status -3-> Any -1-> type_url, -2-> RetryInfo -1-> Duration -1,2-> seconds, nanos
 */
function readRetryDelay(details: string | string[] | undefined): number | undefined {
  if (typeof details !== 'string') return undefined
  try {
    const status = new ProtobufReader(Buffer.from(details, 'base64'))
    while (status.next()) {
      if (status.field !== 3) {
        status.skip()
        continue
      }
      const { type, value } = readAny(status.message())
      if (type.endsWith('/google.rpc.RetryInfo')) return readRetryInfo(new ProtobufReader(value))
    }
    return undefined
  } catch (error) {
    if (error instanceof ProtobufError) return undefined
    throw error
  }
}

function readAny(any: ProtobufReader): { type: string; value: Uint8Array } {
  let type = ''
  let value: Uint8Array = NOTHING
  while (any.next()) {
    if (any.field === 1) type = any.text()
    else if (any.field === 2) value = any.bytes()
    else any.skip()
  }
  return { type, value }
}

function readRetryInfo(info: ProtobufReader): number {
  let [seconds, nanos] = [0, 0]
  while (info.next()) {
    if (info.field !== 1) {
      info.skip()
      continue
    }
    const duration = info.message()
    while (duration.next()) {
      if (duration.field === 1) seconds = duration.int()
      else if (duration.field === 2) nanos = duration.int()
      else duration.skip()
    }
  }
  return Math.max(0, Math.ceil(seconds + nanos / 1e9))
}
