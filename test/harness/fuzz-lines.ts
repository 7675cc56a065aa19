import { graphiteLine } from './fuzz/graphite-grammar.ts'
import { mutate } from './fuzz/mutate.ts'
import { statsdLine } from './fuzz/statsd-grammar.ts'
import { Random } from './random.ts'

/** Makes lines that are nearly right. The same seed makes the same ones in the same order. */
export interface LineFuzzer {
  /**
   * One line, as a decoder is handed it: 1 to 65,535 bytes, without LF, and no CR at its end. More than half are by the
   * grammar; the others were, until something happened to them. Some came before, whole or changed. The bytes are not yours
   * to change: they may come again.
   */
  line(): Uint8Array
  /**
   * What one datagram or one write may hold: lines with LF or CR LF behind them, or none behind the last, empty ones
   * among them, now and then things that are no lines at all. 0 to `maxBytes` bytes (65,507 unless it is said, which is
   * what a datagram of UDP carries).
   */
  packet(maxBytes?: number): Uint8Array
}

export interface LineFuzzerOptions {
  /** Whose grammar: `statsd` unless it is said. */
  readonly grammar?: 'statsd' | 'graphite'
}

export function createLineFuzzer(seed: number, { grammar = 'statsd' }: LineFuzzerOptions = {}): LineFuzzer {
  return new Fuzzer(new Random(seed), grammar === 'statsd' ? statsdLine : graphiteLine)
}

const MAX_LINE_BYTES = 65_535
const MAX_DATAGRAM_BYTES = 65_507
const MUTATED_SHARE = 0.35
const REPEATED_SHARE = 0.1
const REMEMBERED_LINES = 64

class Fuzzer implements LineFuzzer {
  readonly #random: Random
  readonly #write: (random: Random) => string
  /** Lines that were made before, to be spliced into others and to come again. */
  readonly #earlier: Uint8Array[] = []

  constructor(random: Random, write: (random: Random) => string) {
    this.#random = random
    this.#write = write
  }

  line(): Uint8Array {
    for (;;) {
      const line = asLine(this.#make())
      if (line.length === 0) continue
      this.#earlier[this.#random.below(REMEMBERED_LINES)] = line
      return line
    }
  }

  packet(maxBytes = MAX_DATAGRAM_BYTES): Uint8Array {
    const random = this.#random
    const kind = random.next()
    if (kind < 0.01) return new Uint8Array()
    if (kind < 0.02) return this.#noise(random.between(1, Math.min(maxBytes, 2_000)))
    if (kind < 0.021) return this.#noise(maxBytes)
    const wantedBytes = kind < 0.025 ? maxBytes : random.between(1, Math.min(maxBytes, 1_432))
    const pieces: Uint8Array[] = []
    let byteCount = 0
    while (byteCount < wantedBytes) {
      const piece = Buffer.concat([this.line(), this.#lineEnd()])
      pieces.push(piece)
      byteCount += piece.length
    }
    let packet: Uint8Array = Buffer.concat(pieces)
    if (random.chance(0.3)) packet = withoutLastByte(packet)
    if (random.chance(0.02)) packet = mutate(random, packet, this.#another())
    return packet.subarray(0, maxBytes)
  }

  #make(): Uint8Array {
    const random = this.#random
    if (random.chance(REPEATED_SHARE)) {
      const line = this.#another()
      return random.chance(0.5) ? line : mutate(random, line, line)
    }
    const line = Buffer.from(this.#write(random))
    return random.chance(MUTATED_SHARE) ? mutate(random, line, this.#another()) : line
  }

  #another(): Uint8Array {
    return this.#earlier[this.#random.below(REMEMBERED_LINES)] ?? Buffer.from(this.#write(this.#random))
  }

  #lineEnd(): Uint8Array {
    const kind = this.#random.next()
    return kind < 0.85 ? LF : this.#random.pick(ODD_LINE_ENDS)
  }

  #noise(byteCount: number): Uint8Array {
    return Uint8Array.from({ length: byteCount }, () => this.#random.below(256))
  }
}

/** Without what cannot reach a decoder. */
function asLine(bytes: Uint8Array): Uint8Array {
  let line = bytes.includes(LINE_FEED) ? bytes.filter((byte) => byte !== LINE_FEED) : bytes
  line = line.subarray(0, MAX_LINE_BYTES)
  let end = line.length
  while (end > 0 && line[end - 1] === CARRIAGE_RETURN) end--
  return line.subarray(0, end)
}

function withoutLastByte(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, Math.max(0, bytes.length - 1))
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const LF = Uint8Array.of(LINE_FEED)
const ODD_LINE_ENDS = ['\r\n', '\r\n', '\n\n', '\n\r\n\n', '\r\r\n', ' \n', '\n\r'].map((text) =>
  Buffer.from(text),
)
