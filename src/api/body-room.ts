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
   * with whatever the stream fails with. What comes after that is thrown away. `announcedBytes`: as long as its sender said it would be, and no
   * longer.
   */
  take(
    stream: Readable,
    limitBytes: number,
    announcedBytes = 0,
  ): { readonly body: Promise<Buffer>; readonly release: () => void } {
    const { promise: body, resolve, reject } = Promise.withResolvers<Buffer>()
    let pieces = new Pieces(announcedBytes)
    let length = 0
    let held = 0
    const stop = (): void => {
      stream.off('data', onData)
      stream.off('end', onEnd)
      pieces = new Pieces(0)
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
      pieces.add(chunk)
    }
    const onEnd = (): void => resolve(pieces.join())
    stream.on('data', onData)
    stream.on('end', onEnd)
    stream.once('error', fail)
    return { body, release }
  }
}

/**
 * What has come of a body. Of one whose length is known each piece is copied where it belongs as it comes: it is in the processor's cache then,
 * and no garbage that has grown old. What has not come yet takes no memory.
 */
class Pieces {
  readonly #announcedBytes: number
  #whole: Buffer | undefined
  #filled = 0
  readonly #others: Buffer[] = []

  constructor(announcedBytes: number) {
    this.#announcedBytes = announcedBytes
  }

  add(piece: Buffer): void {
    if (this.#others.length > 0 || this.#filled + piece.length > this.#announcedBytes) {
      this.#others.push(piece)
      return
    }
    this.#whole ??= Buffer.allocUnsafeSlow(this.#announcedBytes)
    this.#filled += piece.copy(this.#whole, this.#filled)
  }

  join(): Buffer {
    // Of memory of its own in any case: whoever gets it may hand it on to another thread.
    const filled = this.#whole?.subarray(0, this.#filled) ?? Buffer.allocUnsafeSlow(0)
    return this.#others.length === 0 ? filled : Buffer.concat([filled, ...this.#others])
  }
}

/** What a piece takes besides its bytes: some clients send them one by one. */
const CHUNK_BYTES = 128
