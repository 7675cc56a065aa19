import type { RejectionReason } from '../model/rejection.ts'
import type { LineWatch } from './line-watch.ts'
import type { IntakeOptions } from './listener.ts'
import type { PacketFeed } from './packet-feed.ts'
import { RejectionLog, type Sender } from './rejection-log.ts'

/**
 * What every listener does with bytes once it has them: cut them into lines, hand each to the format in place, and
 * count. Lines end with LF or CR LF; empty ones are passed over and counted nowhere. Every other line is counted as
 * received, and then either as accepted or under the reason why not.
 */
export class LineIntake {
  readonly #options: IntakeOptions
  readonly #rejections: RejectionLog
  readonly #watch: LineWatch | undefined
  readonly #feed: PacketFeed | undefined
  #receivedAtMs = 0
  #packetCount = 0
  #copy: Uint8Array | undefined

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#rejections = new RejectionLog(options)
    this.#watch = options.watch
    this.#feed = options.feed
  }

  /** Packets begun so far: grows for as long as something arrives. */
  get packetCount(): number {
    return this.#packetCount
  }

  /** To be called before the lines of each datagram, or of each read of a stream. */
  beginPacket(byteCount: number): void {
    this.beginPackets(1, byteCount)
  }

  /** The same for datagrams that were received together. */
  beginPackets(count: number, byteCount: number): void {
    this.#packetCount += count
    this.#options.meter.packets.add(count)
    this.#options.meter.bytes.add(byteCount)
    this.readClock()
  }

  /** Says what time it is for the lines that follow. `beginPacket` does; alone, for what is left of an older packet. */
  readClock(): void {
    this.#receivedAtMs = this.#options.clock.nowMs()
    this.#options.output.packet(this.#receivedAtMs)
  }

  /**
   * Takes every line of `bytes[start..end)`, as `takeBlock` does. For packets whose memory ends with them, and whose last or only
   * line has no LF: with one behind it, and room to read ahead, it is known as well as any.
   */
  takePacket(bytes: Uint8Array, start: number, end: number, sender: Sender): void {
    const length = end - start
    if (length === 0 || length > MOST_COPIED_BYTES) return this.takeBlock(bytes, start, end, sender)
    this.#copy ??= new Uint8Array(MOST_COPIED_BYTES + SPARE_BYTES)
    this.#copy.set(bytes.subarray(start, end))
    this.#copy[length] = LINE_FEED
    this.takeBlock(this.#copy, 0, length + 1, sender)
  }

  /** Takes every line of `bytes[start..end)`; the last one need not be terminated. */
  takeBlock(bytes: Uint8Array, start: number, end: number, sender: Sender): void {
    if (this.#watch?.isOn === true) this.#showBlock(this.#watch, bytes, start, end, sender)
    if (this.#feed?.isOn === true) this.#feed.take(bytes, start, end, sender)
    let lineStart = start
    while (lineStart < end) {
      lineStart = this.#takeKnown(bytes, lineStart, end)
      if (lineStart >= end) return
      const found = bytes.indexOf(LINE_FEED, lineStart)
      const lineEnd = found < 0 || found > end ? end : found
      this.#takeUnknown(bytes, lineStart, lineEnd, sender)
      lineStart = lineEnd + 1
    }
  }

  /** Takes the line `bytes[start..end)`, which holds no LF. */
  takeLine(bytes: Uint8Array, start: number, end: number, sender: Sender): void {
    if (this.#watch?.isOn === true) this.#showBlock(this.#watch, bytes, start, end, sender)
    if (this.#feed?.isOn === true) this.#feed.take(bytes, start, end, sender)
    this.#takeUnknown(bytes, start, end, sender)
  }

  #takeUnknown(bytes: Uint8Array, start: number, end: number, sender: Sender): void {
    const lineEnd = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end
    if (lineEnd === start) return
    const { format, meter, output, shortcut } = this.#options
    if (lineEnd - start > format.maxLineBytes) {
      this.rejectLine('too_long', bytes, start, lineEnd, sender)
      return
    }
    shortcut?.decoding()
    const reason = format.decodeLine(bytes, start, lineEnd, this.#receivedAtMs, output)
    // Only now, so that whoever looks meanwhile, which can take long, sees numbers that add up.
    meter.lines.add(1)
    if (reason === undefined) {
      meter.accepted.add(1)
      shortcut?.decoded(bytes, start, end)
    } else this.#reject(reason, bytes, start, lineEnd, sender)
  }

  /** Takes the lines that need no decoding and returns where the first is that does. */
  #takeKnown(bytes: Uint8Array, start: number, end: number): number {
    const { shortcut, meter } = this.#options
    if (shortcut === undefined) return start
    const stop = shortcut.take(bytes, start, end)
    const { takenCount } = shortcut
    if (takenCount > 0) {
      meter.lines.add(takenCount)
      meter.accepted.add(takenCount)
    }
    return stop
  }

  /** Counts a line that the format never saw: too long, or cut off. The bytes may be its beginning only. */
  rejectLine(reason: RejectionReason, bytes: Uint8Array, start: number, end: number, sender: Sender): void {
    this.#options.meter.lines.add(1)
    this.#reject(reason, bytes, start, end, sender)
  }

  /** Shows the first lines, as many as are wanted, before they are taken in. */
  #showBlock(watch: LineWatch, bytes: Uint8Array, start: number, end: number, sender: Sender): void {
    const { name: listener, format } = this.#options
    const receivedAtMs = this.#receivedAtMs
    let lineStart = start
    while (lineStart < end && watch.hasRoom) {
      const found = bytes.indexOf(LINE_FEED, lineStart)
      const next = found < 0 || found > end ? end : found
      const lineEnd = next > lineStart && bytes[next - 1] === CARRIAGE_RETURN ? next - 1 : next
      if (lineEnd > lineStart) {
        watch.show({ listener, format, receivedAtMs, bytes, start: lineStart, end: lineEnd, sender })
      }
      lineStart = next + 1
    }
  }

  close(): void {
    this.#rejections.close()
  }

  #reject(reason: RejectionReason, bytes: Uint8Array, start: number, end: number, sender: Sender): void {
    this.#options.meter.rejected[reason].add(1)
    this.#options.onRefused?.(reason, start, end)
    if (this.#watch?.isOn === true) {
      this.#watch.showRejected(reason, { listener: this.#options.name, bytes, start, end, sender })
    }
    this.#rejections.record({ reason, bytes, start, end, sender })
  }
}

const LINE_FEED = 0x0a
const MOST_COPIED_BYTES = 65_536
/** For an LF, and for what is read ahead. */
const SPARE_BYTES = 16
const CARRIAGE_RETURN = 0x0d
