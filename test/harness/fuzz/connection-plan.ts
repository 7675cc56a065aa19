import { createLineFuzzer, type LineFuzzer, type LineFuzzerOptions } from '../fuzz-lines.ts'
import { Random } from '../random.ts'
import { LineCounter, countLines } from './line-counter.ts'

/** What one client does with one connection. */
export interface ConnectionPlan {
  /** Written one after the other, each by itself. */
  readonly chunks: readonly Uint8Array[]
  /** Between one chunk and the next. */
  readonly pauseMs: number
  /** `end`: in good order. `reset`: as a process ends that is killed. `destroy`: closed with bytes still to be written. */
  readonly ending: 'end' | 'reset' | 'destroy'
  /** Lines that the server gets for certain, and those that it may get besides. */
  readonly lines: number
  readonly uncertainLines: number
}

/** Thinks up what clients do. The same seed makes the same plans in the same order. */
export class ConnectionPlanner {
  readonly #random: Random
  readonly #fuzzer: LineFuzzer
  readonly #framing: 'lines' | 'length'

  constructor(seed: number, framing: 'lines' | 'length', options: LineFuzzerOptions) {
    this.#random = new Random(~seed)
    this.#fuzzer = createLineFuzzer(seed, options)
    this.#framing = framing
  }

  next(): ConnectionPlan {
    const random = this.#random
    const { bytes, lines } = this.#framing === 'lines' ? this.#stream() : this.#frames()
    const plan: ConnectionPlan = { chunks: [bytes], pauseMs: 0, ending: 'end', lines, uncertainLines: 0 }
    const kind = random.next()
    // Byte by byte, with time for each to be a read of its own now and then.
    if (kind < 0.05 && bytes.length < 400)
      return { ...plan, chunks: cutAt([...bytes.keys()], bytes), pauseMs: random.below(2) }
    if (kind < 0.1) return { ...plan, chunks: this.#cut(bytes), pauseMs: random.between(1, 30) }
    // Of a stream that breaks, the last line may be cut off, and an empty one that is cut off is a line.
    const uncertain = { ...plan, chunks: this.#cut(bytes), lines: 0, uncertainLines: lines + 1 }
    if (kind < 0.16) return { ...uncertain, ending: 'reset', pauseMs: random.below(5) }
    if (kind < 0.2) return { ...uncertain, ending: 'destroy', pauseMs: random.below(5) }
    if (kind < 0.21 && this.#framing === 'lines') return { ...plan, chunks: [HTTP_REQUEST], lines: 0 }
    return kind < 0.6 ? { ...plan, chunks: this.#cut(bytes) } : plan
  }

  #stream(): { bytes: Uint8Array; lines: number } {
    const pieces = this.#packets(65_535)
    // A line that no memory should have to hold.
    if (this.#random.chance(0.02)) pieces.push(Buffer.alloc(this.#random.between(65_530, 300_000), 'x'), LF)
    const bytes = Buffer.concat(pieces)
    const counter = new LineCounter()
    counter.push(bytes)
    return { bytes, lines: counter.end() }
  }

  #frames(): { bytes: Uint8Array; lines: number } {
    const random = this.#random
    const payloads = this.#packets(65_536)
    const frames = payloads.flatMap((payload) => [header(payload.length), payload])
    const lines = payloads.reduce((sum, payload) => sum + countLines(payload), 0)
    const kind = random.next()
    // What breaks a stream, and half of a frame, count as one line.
    if (kind < 0.05)
      return { bytes: Buffer.concat([...frames, header(65_537 + random.below(1e9))]), lines: lines + 1 }
    if (kind < 0.1) return { bytes: Buffer.concat([...frames, UNFRAMED]), lines: lines + 1 }
    if (kind < 0.2) {
      const half = Buffer.concat([header(2_000), Buffer.alloc(1_999, 'x\n')])
      return {
        bytes: Buffer.concat([...frames, half.subarray(0, random.between(1, half.length))]),
        lines: lines + 1,
      }
    }
    return { bytes: Buffer.concat(frames), lines }
  }

  #packets(maxBytes: number): Uint8Array[] {
    const count = this.#random.chance(0.1) ? this.#random.between(20, 60) : this.#random.below(6)
    return Array.from({ length: count }, () => this.#fuzzer.packet(maxBytes))
  }

  /** At places that nobody thinks of: in the middle of a number, between CR and LF. */
  #cut(bytes: Uint8Array): Uint8Array[] {
    const places = Array.from({ length: this.#random.below(5) }, () => this.#random.below(bytes.length + 1))
    return cutAt([0, ...places.sort((a, b) => a - b)], bytes)
  }
}

function cutAt(places: readonly number[], bytes: Uint8Array): Uint8Array[] {
  return places.map((place, index) => bytes.subarray(place, places[index + 1] ?? bytes.length))
}

function header(byteCount: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(byteCount)
  return bytes
}

const LF = Buffer.from('\n')
/** A client that frames nothing. */
const UNFRAMED = Buffer.from('a:1|c\nb:2|c\n')
/** What a web page can have a browser send. None of it counts. */
const HTTP_REQUEST = Buffer.from('POST / HTTP/1.1\r\nHost: localhost\r\n\r\na:1|c\nb:1|c\n')
