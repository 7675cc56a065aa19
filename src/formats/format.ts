import type { MetricEvent } from '../model/event.ts'
import type { Point } from '../model/point.ts'
import type { RejectionReason } from '../model/rejection.ts'
import type { Sample } from '../model/sample.ts'

/** Where a decoder puts what it finds. Both objects are reused by the decoder: copy what you keep. */
export interface DecodedOutput {
  /** Called by the listener before the lines of each packet; the clock is read once per packet. */
  packet(receivedAtMs: number): void
  sample(sample: Sample): void
  point(point: Point): void
  /** An object of its own: it may be kept. */
  event(event: MetricEvent): void
}

/**
 * A wire format of lines. Decoders read bytes in place, never throw, and keep nothing of the bytes.
 */
export interface LineFormat {
  readonly name: string
  /** A longer line is rejected as `too_long` before it reaches the decoder. */
  readonly maxLineBytes: number
  /**
   * Decodes the line `bytes[start..end)`, which is not empty and holds neither LF nor a CR at its end.
   * Returns undefined when the line is accepted; otherwise why not, and then nothing of it was put out.
   */
  decodeLine(
    bytes: Uint8Array,
    start: number,
    end: number,
    receivedAtMs: number,
    out: DecodedOutput,
  ): RejectionReason | undefined
}

/**
 * Takes lines that are written as others before them, without the decoder, which has said once what they mean. It is fed by
 * whoever has the decoder decode a line:
 *
 *   decoding()                        a line is about to be decoded
 *   decoded(bytes, start, end)        it has been accepted; up to its LF, which is not included
 */
export interface LineShortcut {
  /**
   * Takes lines of `bytes[start..end)` from the first on and returns where it stopped: at a line that it does not know, or at
   * `end`. Only lines with an LF are taken, and none within the last few bytes of the memory that `bytes` is a part of.
   */
  take(bytes: Uint8Array, start: number, end: number): number
  /** How many lines it took, the last time. */
  readonly takenCount: number
  decoding(): void
  decoded(bytes: Uint8Array, start: number, end: number): void
}
