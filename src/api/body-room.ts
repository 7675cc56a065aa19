import type { Readable } from 'node:stream'
import { KymoError } from '../telemetry/errors.ts'

/**
 * Memory for bodies that are being read or worked on, of all requests together. A thousand connections that each send most of a body and then nothing
 * must not hold a thousand bodies.
 */
export class BodyRoom {
  readonly #maxBytes: number
  #held = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get heldBytes(): number {
    return this.#held
  }

  /**
   * Reads a body to its end. `release` has to be called once it is not needed any more, also where this rejects: with the KymoErrors `body-too-large` and `server-busy`, and
   * with whatever the stream fails with. What comes after that is thrown away.
   */
  take(
    stream: Readable,
    limitBytes: number,
  ): { readonly body: Promise<Buffer>; readonly release: () => void } {
    const { promise: body, resolve, reject } = Promise.withResolvers<Buffer>()
    let chunks: Buffer[] = []
    let length = 0
    let held = 0
    const stop = (): void => {
      stream.off('data', onData)
      stream.off('end', onEnd)
      chunks = []
      stream.resume()
    }
    const release = (): void => {
      this.#held -= held
      held = 0
      stop()
    }
    const fail = (error: Error): void => {
      stop()
      reject(error)
    }
    const onData = (chunk: Buffer): void => {
      length += chunk.length
      const cost = chunk.length + CHUNK_BYTES
      if (length > limitBytes) return fail(new KymoError('body-too-large', { limit: limitBytes }))
      if (this.#held + cost > this.#maxBytes)
        return fail(
          new KymoError('server-busy', { reason: `bodies of ${this.#held} bytes are being taken in` }),
        )
      this.#held += cost
      held += cost
      chunks.push(chunk)
    }
    const onEnd = (): void => resolve(Buffer.concat(chunks, length))
    stream.on('data', onData)
    stream.on('end', onEnd)
    stream.once('error', fail)
    return { body, release }
  }
}

/** What a piece takes besides its bytes: some clients send them one by one. */
const CHUNK_BYTES = 128
