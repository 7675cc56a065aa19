import { write } from 'node:fs'
import { Writable } from 'node:stream'
import type { Clock } from './clock.ts'

const FULL_PIPE_PAUSE_MS = 20

/**
 * Writes to an open descriptor, such as 1 for stdout, without ever blocking the thread: a reader that has stopped
 * reading is waited for. A thread's own process.stdout goes through the main thread, and there a full pipe blocks.
 */
export class DescriptorStream extends Writable {
  readonly #descriptor: number
  readonly #clock: Clock

  constructor(descriptor: number, clock: Clock) {
    super({ decodeStrings: true })
    this.#descriptor = descriptor
    this.#clock = clock
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    write(this.#descriptor, chunk, 0, chunk.length, null, (error, written) => {
      // A pipe may be in non-blocking mode: then a full one says so instead of waiting.
      if (error?.code === 'EAGAIN')
        this.#clock.after(FULL_PIPE_PAUSE_MS, () => this._write(chunk, _encoding, done))
      else if (error !== null) done(error)
      else if (written < chunk.length) this._write(chunk.subarray(written), _encoding, done)
      else done()
    })
  }
}
