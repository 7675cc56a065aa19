import type { LineIntake } from './line-intake.ts'
import type { Sender } from './rejection-log.ts'

export interface FrameOptions {
  readonly maxFrameBytes: number
  /** Of the lengths. */
  readonly byteOrder: 'little' | 'big'
  /** Takes what one frame holds, `bytes[start..end)`, which are reused afterwards. */
  readonly take: (bytes: Uint8Array, start: number, end: number) => void
}

/**
 * Cuts one stream into frames: a length, then so many bytes. Datadog's clients send lines so over Unix streams, carbon's send
 * pickles.
 *
 *   0b 00 00 00  a:1|c LF b:2|c     a:1|c and b:2|c are taken
 *   ^^^^^^^^^^^ 32 bits, here little endian, the payload alone
 *
 * Whole frames of a read are taken in place; a frame that a read ends within is copied and waits for its rest. Memory
 * grows with what has arrived, never with what a length announces. A frame that is longer than allowed cannot be
 * passed over like a long line (the length may be no length at all): the stream is broken from there on.
 */
export class LengthFramer {
  readonly #intake: LineIntake
  readonly #sender: Sender
  readonly #options: FrameOptions
  /** Of a frame that is not whole yet, header included. */
  #waiting = EMPTY
  #waitingBytes = 0
  #brokenFrameBytes: number | undefined

  constructor(intake: LineIntake, sender: Sender, options: FrameOptions) {
    this.#intake = intake
    this.#sender = sender
    this.#options = options
  }

  /** The length that broke the stream; whatever is pushed from then on is passed over. */
  get brokenFrameBytes(): number | undefined {
    return this.#brokenFrameBytes
  }

  push(bytes: Uint8Array): void {
    let start = 0
    while (start < bytes.length && this.#brokenFrameBytes === undefined) {
      start = this.#waitingBytes === 0 ? this.#takeInPlace(bytes, start) : this.#complete(bytes, start)
    }
  }

  /** The sender has closed the stream; it always knows where a frame ends. */
  end(): void {
    this.abort()
  }

  /** What waits is a piece of a frame, and counts as one line. After `end`, nothing waits. */
  abort(): void {
    if (this.#waitingBytes > 0) {
      const payloadStart = Math.min(HEADER_BYTES, this.#waitingBytes)
      this.#intake.rejectLine('cut_off', this.#waiting, payloadStart, this.#waitingBytes, this.#sender)
    }
    this.#reset()
  }

  /** Fast path: the frame at `start` is whole. The position behind it, or behind what waits of it now. */
  #takeInPlace(bytes: Uint8Array, start: number): number {
    const payloadStart = start + HEADER_BYTES
    const frameBytes = payloadStart <= bytes.length ? this.#readLength(bytes, start) : 0
    if (frameBytes > this.#options.maxFrameBytes) {
      this.#break(frameBytes, bytes, start, bytes.length)
      return bytes.length
    }
    const end = payloadStart + frameBytes
    if (end > bytes.length) {
      this.#wait(bytes, start, bytes.length)
      return bytes.length
    }
    this.#options.take(bytes, payloadStart, end)
    return end
  }

  /** Adds what the frame that waits is short of: its header first, and then what that says. */
  #complete(bytes: Uint8Array, start: number): number {
    const isHeaderWhole = this.#waitingBytes >= HEADER_BYTES
    const wantedBytes = isHeaderWhole ? HEADER_BYTES + this.#readLength(this.#waiting, 0) : HEADER_BYTES
    const end = Math.min(bytes.length, start + wantedBytes - this.#waitingBytes)
    this.#wait(bytes, start, end)
    if (this.#waitingBytes < HEADER_BYTES) return end
    const frameBytes = this.#readLength(this.#waiting, 0)
    if (frameBytes > this.#options.maxFrameBytes) {
      this.#break(frameBytes, this.#waiting, 0, this.#waitingBytes)
    } else if (this.#waitingBytes === HEADER_BYTES + frameBytes) {
      this.#options.take(this.#waiting, HEADER_BYTES, this.#waitingBytes)
      this.#reset()
    }
    return end
  }

  /** The length is quoted together with what follows: often it is the beginning of a plain line. */
  #break(frameBytes: number, bytes: Uint8Array, start: number, end: number): void {
    this.#brokenFrameBytes = frameBytes
    this.#intake.rejectLine('too_long', bytes, start, end, this.#sender)
    this.#reset()
  }

  #readLength(bytes: Uint8Array, start: number): number {
    const header = new DataView(bytes.buffer, bytes.byteOffset + start, HEADER_BYTES)
    return header.getUint32(0, this.#options.byteOrder === 'little')
  }

  #wait(bytes: Uint8Array, start: number, end: number): void {
    const capacity = this.#waitingBytes + end - start
    if (this.#waiting.length < capacity) {
      const doubled = Math.max(256, 2 * this.#waiting.length, capacity)
      const larger = new Uint8Array(Math.min(doubled, HEADER_BYTES + this.#options.maxFrameBytes))
      larger.set(this.#waiting.subarray(0, this.#waitingBytes))
      this.#waiting = larger
    }
    this.#waiting.set(bytes.subarray(start, end), this.#waitingBytes)
    this.#waitingBytes = capacity
  }

  #reset(): void {
    this.#waitingBytes = 0
    // Thousands of streams that once sent a long frame must not each hold on to its memory.
    if (this.#waiting.length > KEPT_BYTES) this.#waiting = EMPTY
  }
}

const HEADER_BYTES = 4
/** Datadog's clients send 8 KiB at once. */
const KEPT_BYTES = 16_384
const EMPTY = new Uint8Array(0)
