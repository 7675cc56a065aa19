import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { NscaOptions } from '../nsca.ts'
import type { Sink, SinkContext, SinkResult } from '../sink.ts'
import { Checks, type CheckResult } from './checks.ts'
import { encodeNscaPacket, GREETING_BYTES, type NscaPacketOptions, problemOf } from './nsca-packet.ts'

/** Packets of about this many bytes are written at a time. */
const PIECE_BYTES = 65_536

/**
 * Sends results by NSCA, over a connection for each batch, as its own client does. There is no acknowledgement: a server with another
 * password takes the bytes, and throws them away. A batch that is sent again says the same again.
 */
export function createNscaSink(options: NscaOptions, context: SinkContext): Sink {
  const { name, host, port, encryption, password = '', timeout: timeoutMs } = options
  const checks = new Checks(options)
  const wire = { outputBytes: Number(options.output_bytes), isEncrypted: encryption === 'xor', password }

  async function send(
    { series, values }: { readonly series: readonly SeriesIdentity[]; readonly values: Float64Array },
    signal: AbortSignal,
  ): Promise<SinkResult> {
    signal.throwIfAborted()
    const results: CheckResult[] = []
    let refusedPoints = 0
    for (const [index, identity] of series.entries()) {
      const result = checks.resultOf(identity, values[index] as number)
      if (result === undefined) continue
      const problem = problemOf(result)
      if (problem === undefined) results.push(result)
      else {
        refusedPoints += 1
        context.deadLetters.add(problem, [result], 'sink-unfit')
      }
    }
    if (results.length > 0) await talk(results, signal)
    return { refusedPoints }
  }

  async function talk(results: readonly CheckResult[], signal: AbortSignal): Promise<void> {
    const socket = connect({ host, port })
    let late: Error | undefined
    const give = (reason: unknown): void => {
      late ??= reason instanceof Error ? reason : new Error(String(reason))
      socket.destroy(late)
    }
    const abandon = (): void => give(signal.reason)
    const timer = (): { cancel(): void } =>
      context.clock.after(timeoutMs, () => give(new Error(`no progress within ${timeoutMs / 1_000} s`)))
    let running = timer()
    const progress = (): void => {
      running.cancel()
      running = timer()
    }
    signal.addEventListener('abort', abandon)
    try {
      const greeting = await readGreeting(socket)
      for (const piece of joinPackets(encodeAll(results, greeting, wire))) {
        progress()
        await write(socket, piece)
      }
      progress()
      await end(socket)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
      throw new KymoError(
        'sink-unreachable',
        { name, address, reason: reasonOf(late ?? error) },
        { cause: error },
      )
    } finally {
      running.cancel()
      signal.removeEventListener('abort', abandon)
      socket.destroy()
    }
  }

  return {
    name,
    takes: (identity) => checks.isChecked(identity),
    flush: send,
    points: send,
    async close() {},
  }
}

function* encodeAll(
  results: readonly CheckResult[],
  greeting: Uint8Array,
  wire: NscaPacketOptions,
): Generator<Buffer> {
  for (const result of results) yield encodeNscaPacket(result, greeting, wire)
}

/** Rejects when the connection breaks or ends before. */
function readGreeting(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let greeting = Buffer.alloc(0)
    socket.on('data', (piece) => {
      // Whatever it says behind that is thrown away.
      if (greeting.length >= GREETING_BYTES) return
      greeting = Buffer.concat([greeting, piece])
      if (greeting.length >= GREETING_BYTES) resolve(greeting)
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the other side closed the connection')))
  })
}

/** Resolves when the system took it. */
function write(socket: Socket, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const close = (): void => reject(new Error('the other side closed the connection'))
    socket.once('close', close)
    socket.write(piece, (error) => {
      socket.off('close', close)
      if (error === null || error === undefined) resolve()
      else reject(error)
    })
  })
}

/** Resolves when the server has read all of it, and closed its side. */
async function end(socket: Socket): Promise<void> {
  const closed = once(socket, 'close')
  socket.end()
  await closed
}

function* joinPackets(packets: Iterable<Buffer>): Generator<Buffer> {
  let waiting: Buffer[] = []
  let bytes = 0
  for (const packet of packets) {
    waiting.push(packet)
    bytes += packet.length
    if (bytes < PIECE_BYTES) continue
    yield Buffer.concat(waiting)
    waiting = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(waiting)
}
