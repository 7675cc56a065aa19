import { Readable } from 'node:stream'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { nextEventLoopTurn } from '../lib/clock.ts'
import { deserializeError, KymoError, serializeError, type SerializedError } from '../telemetry/errors.ts'

/**
 * How bytes that are too many to be held go from one thread to another: in pieces, whose memory moves, as many as the other end has asked for.
 *
 *   maker  <-- want 4 --  taker
 *          -- piece --->
 *          -- piece --->        one is written to the socket
 *          <-- want 1 --
 *          -- end ----->
 *
 * Whoever takes them and wants no more closes the port, and then nothing more is made. Where the thread dies that makes them, the taker's
 * stream ends with an error.
 */
type FromMaker =
  | { readonly kind: 'piece'; readonly piece: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'failure'; readonly error: SerializedError }

/** Pieces that are under way or waiting at once. */
const MOST_UNDER_WAY = 4
/** Of pieces that have arrived and not been written: about as many again. */
const MOST_HELD_BYTES = 1024 * 1024

export interface SentPieces {
  /** To be transferred to whoever takes the pieces. */
  readonly port: MessagePort
  /** Resolves when the last piece has been sent, or nobody wants any more; with what went wrong in between. Never rejects. */
  readonly done: Promise<unknown>
}

/** `onUnwanted` is called when the other end goes before the last piece is out: whatever makes them should stop. */
export function sendPieces(pieces: AsyncIterable<Uint8Array>, onUnwanted: () => void): SentPieces {
  const { port1: port, port2 } = new MessageChannel()
  let wanted = 0
  let isUnwanted = false
  let isOver = false
  let wake: () => void = () => {}
  port.on('message', (count: number) => {
    wanted += count
    wake()
  })
  port.on('close', () => {
    isUnwanted = true
    if (!isOver) onUnwanted()
    wake()
  })

  async function send(): Promise<unknown> {
    try {
      for await (const piece of pieces) {
        // Queries of others have their turn, and so has the news that nobody wants this any more.
        await nextEventLoopTurn()
        while (wanted === 0 && !isUnwanted) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        if (isUnwanted) return undefined
        wanted -= 1
        port.postMessage({ kind: 'piece', piece } satisfies FromMaker, [piece.buffer as ArrayBuffer])
      }
      port.postMessage({ kind: 'end' } satisfies FromMaker)
      return undefined
    } catch (error) {
      // Whatever ends because nobody wants it any more has not failed.
      if (isUnwanted) return undefined
      port.postMessage({ kind: 'failure', error: serializeError(error) } satisfies FromMaker)
      return error
    } finally {
      isOver = true
      // What was posted still arrives.
      port.close()
    }
  }
  return { port: port2, done: send() }
}

/** The other end: bytes that are fetched as they are read. Destroying it ends the making. */
export function receivePieces(port: MessagePort, peer: string): Readable {
  let underWay = 0
  let hasEnded = false
  const stream = new Readable({
    highWaterMark: MOST_HELD_BYTES,
    read() {
      if (hasEnded || underWay === MOST_UNDER_WAY) return
      port.postMessage(MOST_UNDER_WAY - underWay)
      underWay = MOST_UNDER_WAY
    },
    destroy(error, callback) {
      port.close()
      callback(error)
    },
  })
  port.on('message', (message: FromMaker) => {
    switch (message.kind) {
      case 'piece':
        underWay -= 1
        stream.push(message.piece)
        break
      case 'end':
        hasEnded = true
        stream.push(null)
        break
      case 'failure':
        hasEnded = true
        stream.destroy(deserializeError(message.error))
        break
    }
  })
  port.on('close', () => {
    if (hasEnded || stream.destroyed) return
    stream.destroy(new KymoError('worker-died', { name: peer, reason: 'its port is closed' }))
  })
  return stream
}
