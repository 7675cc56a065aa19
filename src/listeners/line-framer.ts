import type { LineIntake } from './line-intake.ts'
import type { Sender } from './rejection-log.ts'

/**
 * Cuts one stream into lines. Whole lines of a read are taken in place; only the part of a line that a read ends
 * with is copied and waits for its rest.
 *
 *   read 1: a:1|c LF b:2     a:1|c is taken, b:2 waits
 *   read 2: |g LF c:         b:2|g is taken, c: waits
 *   end                      c: is a line: the sender is done with it
 *
 * A line that grows too long is rejected once, and the rest of it is passed over up to its LF. So a stream holds at
 * most one line in memory, however long the sender makes it.
 */
export class LineFramer {
  readonly #intake: LineIntake
  readonly #sender: Sender
  /** One more than a line may have: a CR that belongs to its end. */
  readonly #capacityLimit: number
  #waiting = EMPTY
  #waitingBytes = 0
  #isPassingOver = false

  constructor(intake: LineIntake, sender: Sender, maxLineBytes: number) {
    this.#intake = intake
    this.#sender = sender
    this.#capacityLimit = maxLineBytes + 1
  }

  push(bytes: Uint8Array): void {
    let start = 0
    if (this.#isPassingOver || this.#waitingBytes > 0) {
      const lineFeed = bytes.indexOf(LINE_FEED)
      const end = lineFeed < 0 ? bytes.length : lineFeed
      if (!this.#isPassingOver) this.#wait(bytes, 0, end)
      if (lineFeed < 0) return
      this.#takeWaiting()
      start = lineFeed + 1
    }
    const lastLineFeed = bytes.lastIndexOf(LINE_FEED)
    if (lastLineFeed >= start) {
      this.#intake.takeBlock(bytes, start, lastLineFeed + 1, this.#sender)
      start = lastLineFeed + 1
    }
    if (start < bytes.length) this.#wait(bytes, start, bytes.length)
  }

  /** The sender has closed the stream in good order: what waits is a line. */
  end(): void {
    if (this.#waitingBytes > 0) this.#intake.readClock()
    this.#takeWaiting()
  }

  /** The stream broke: what waits is a piece of a line, and might say something wrong. After `end`, nothing waits. */
  abort(): void {
    if (this.#waitingBytes > 0) {
      this.#intake.rejectLine('cut_off', this.#waiting, 0, this.#waitingBytes, this.#sender)
    }
    this.#reset()
  }

  #takeWaiting(): void {
    if (this.#waitingBytes > 0) {
      this.#intake.takeLine(this.#waiting, 0, this.#waitingBytes, this.#sender)
    }
    this.#reset()
  }

  #wait(bytes: Uint8Array, start: number, end: number): void {
    const room = this.#capacityLimit - this.#waitingBytes
    const copyEnd = Math.min(end, start + room)
    this.#reserve(this.#waitingBytes + copyEnd - start)
    this.#waiting.set(bytes.subarray(start, copyEnd), this.#waitingBytes)
    this.#waitingBytes += copyEnd - start
    if (copyEnd < end) {
      this.#intake.rejectLine('too_long', this.#waiting, 0, this.#waitingBytes, this.#sender)
      this.#reset()
      this.#isPassingOver = true
    }
  }

  #reserve(capacity: number): void {
    if (this.#waiting.length >= capacity) return
    const doubled = Math.max(256, 2 * this.#waiting.length, capacity)
    const larger = new Uint8Array(Math.min(doubled, this.#capacityLimit))
    larger.set(this.#waiting.subarray(0, this.#waitingBytes))
    this.#waiting = larger
  }

  #reset(): void {
    this.#waitingBytes = 0
    this.#isPassingOver = false
    // Thousands of streams that once sent a long line must not each hold on to its memory.
    if (this.#waiting.length > KEPT_BYTES) this.#waiting = EMPTY
  }
}

const LINE_FEED = 0x0a
const KEPT_BYTES = 4_096
const EMPTY = new Uint8Array(0)
