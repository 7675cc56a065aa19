import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Clock } from '../../lib/clock.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { BodyRoom } from '../body-room.ts'
import type { GrpcMethod } from './grpc-method.ts'
import { encodeStatusMessage, toGrpcStatus } from './grpc-status.ts'

export interface UnaryCallOptions {
  readonly methods: readonly GrpcMethod[]
  readonly room: BodyRoom
  readonly clock: Clock
  readonly log: Log
  /** Of a message as it comes. */
  readonly limitBytes: number
  /** For a message to be whole, and again for its answer to be taken. */
  readonly timeoutMs: number
}

/** What is asked, and how the message is to be read. */
interface Asked {
  readonly method: GrpcMethod
  readonly coding: string | undefined
}

const FRAME_HEADER_BYTES = 5
/** zstd is no coding of gRPC's own, and some send it. */
const CODINGS = ['identity', 'gzip', 'zstd']
const HEADERS = { 'content-type': 'application/grpc', 'grpc-accept-encoding': CODINGS.join(',') }

/**
 * Answers one stream of HTTP/2 as the protocol of gRPC has it:
 *
 *   request  HEADERS :method POST, :path /package.Service/Method, content-type application/grpc
 *            DATA 00|01 <length, 4 bytes> message      01: compressed as `grpc-encoding` says
 *   answer   HEADERS :status 200, DATA 00 <length> message, HEADERS grpc-status 0
 *   refusal  HEADERS :status 200, grpc-status, grpc-message
 *
 * What is no gRPC at all is answered by a status of HTTP. How long a client waits (`grpc-timeout`) is its own affair: it resets the stream when it
 * has waited long enough, and what was taken in by then is taken in.
 */
export async function answerCall(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  options: UnaryCallOptions,
): Promise<void> {
  const { room, clock, log, limitBytes, timeoutMs } = options
  const end = (status: OutgoingHttpHeaders): void => {
    if (stream.destroyed || stream.headersSent) return
    stream.respond(status, { endStream: true })
    // What else the client would send of it is not waited for.
    stream.close()
  }
  const httpStatus = findHttpProblem(headers)
  if (httpStatus !== undefined) return end({ ':status': httpStatus })

  const closed = new Promise<undefined>((resolve) => stream.once('close', () => resolve(undefined)))
  const late = Promise.withResolvers<never>()
  // Whoever waits hears of it by the race.
  late.promise.catch(() => {})
  const timer = clock.after(timeoutMs, () => late.reject(new KymoError('request-timeout')))
  let release = (): void => {}
  try {
    const { method, coding } = readHead(headers, options.methods)
    const taken = room.take(stream, limitBytes + FRAME_HEADER_BYTES)
    release = taken.release
    taken.body.catch(() => {})
    const body = await Promise.race([taken.body, refuseLongMessage(stream, limitBytes), late.promise, closed])
    timer.cancel()
    if (body === undefined) return
    const message = unframe(body, coding)
    const sender = stream.session?.socket.remoteAddress ?? 'grpc'
    const answer = await method.handle({ ...message, sender })
    if (!stream.destroyed) respond(stream, answer)
  } catch (error) {
    const { code, message, isUnforeseen } = toGrpcStatus(error)
    if (isUnforeseen) log.error({ err: error, path: headers[':path'] }, 'a call of gRPC failed')
    end({ ...HEADERS, 'grpc-status': code, 'grpc-message': encodeStatusMessage(message) })
  } finally {
    timer.cancel()
    release()
  }
  if (stream.closed) return
  const impatience = clock.after(timeoutMs, () => stream.destroy())
  await closed
  impatience.cancel()
}

/** undefined: it is gRPC. */
function findHttpProblem(headers: IncomingHttpHeaders): number | undefined {
  if (headers[':method'] !== 'POST') return 405
  return /^application\/grpc(\+|;|$)/i.test(headers['content-type'] ?? '') ? undefined : 415
}

/** Throws `route-unknown` and `body-unsupported`. */
function readHead(headers: IncomingHttpHeaders, methods: readonly GrpcMethod[]): Asked {
  const path = String(headers[':path'])
  const method = methods.find((known) => known.path === path)
  if (method === undefined) throw new KymoError('route-unknown', { method: 'gRPC', path: path.slice(0, 200) })
  const type = (headers['content-type'] ?? '').toLowerCase()
  if (!/^application\/grpc(\+proto)?(;|$)/.test(type))
    throw new KymoError('body-unsupported', { reason: `its type is "${type.slice(0, 100)}"` })
  const coding = String(headers['grpc-encoding'] ?? 'identity').toLowerCase()
  if (!CODINGS.includes(coding))
    throw new KymoError('body-unsupported', { reason: `its encoding is "${coding.slice(0, 100)}"` })
  return { method, coding: coding === 'identity' ? undefined : coding }
}

/** Rejects once the length of the message is known to be too long; settles never otherwise. */
function refuseLongMessage(stream: ServerHttp2Stream, limitBytes: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    const head: number[] = []
    stream.on('data', (chunk: Buffer) => {
      if (head.length === FRAME_HEADER_BYTES) return
      head.push(...chunk.subarray(0, FRAME_HEADER_BYTES - head.length))
      if (head.length === FRAME_HEADER_BYTES && Buffer.from(head).readUInt32BE(1) > limitBytes)
        reject(new KymoError('body-too-large', { limit: limitBytes }))
    })
  })
}

/** Throws `request-invalid` for anything but one whole message. */
function unframe(
  body: Buffer,
  coding: string | undefined,
): { message: Uint8Array; coding: string | undefined } {
  const refuse = (problem: string): never => {
    throw new KymoError('request-invalid', { problem: `The call ${problem}.` })
  }
  if (body.length < FRAME_HEADER_BYTES) refuse('has no message')
  const [flag] = body
  const missing = body.readUInt32BE(1) - (body.length - FRAME_HEADER_BYTES)
  if (missing > 0) refuse(`breaks off ${missing} bytes before the end of its message`)
  if (missing < 0) refuse('has more than one message')
  if (flag !== 0 && flag !== 1) refuse(`has a message of the unknown form ${flag}`)
  if (flag === 1 && coding === undefined) refuse('has a compressed message and no grpc-encoding')
  return { message: body.subarray(FRAME_HEADER_BYTES), coding: flag === 1 ? coding : undefined }
}

function respond(stream: ServerHttp2Stream, message: Uint8Array): void {
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': 0 }))
  stream.respond({ ':status': 200, ...HEADERS }, { waitForTrailers: true })
  const header = Buffer.alloc(FRAME_HEADER_BYTES)
  header.writeUInt32BE(message.length, 1)
  stream.end(Buffer.concat([header, message]))
}
