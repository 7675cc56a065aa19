import { createLineFuzzer, type LineFuzzer } from '../fuzz-lines.ts'
import { Random } from '../random.ts'
import { add, createForetell, type Foretell, type Foretold, NOTHING, ONE_REJECTED } from './foretell.ts'
import type { SendJob } from './sender.ts'

/** What one client does with one connection, and what the server gets of it for certain. */
export interface ConnectionPlan extends Foretold {
  /** Written one after the other, each by itself. */
  readonly chunks: readonly Uint8Array[]
  /** Between one chunk and the next. */
  readonly pauseMs: number
  /** `end`: in good order. `reset`: as a process ends that is killed. `destroy`: closed with bytes still to be written. */
  readonly ending: 'end' | 'reset' | 'destroy'
  /** Lines that the server may get besides. */
  readonly uncertainLines: number
}

/** All that is written, and what it comes to. */
interface Content extends Foretold {
  readonly bytes: Uint8Array
}

/** Thinks up what clients do. The same seed makes the same plans in the same order. */
export class ConnectionPlanner {
  readonly #random: Random
  readonly #fuzzer: LineFuzzer
  readonly #foretell: Foretell
  readonly #isFramed: boolean
  readonly #isRude: boolean

  constructor({
    seed,
    transport,
    dialect,
    isRude,
  }: Pick<SendJob, 'seed' | 'transport' | 'dialect' | 'isRude'>) {
    this.#random = new Random(~seed)
    this.#fuzzer = createLineFuzzer(seed, { grammar: dialect === 'graphite' ? 'graphite' : 'statsd' })
    this.#foretell = createForetell(dialect)
    this.#isFramed = transport === 'unix-frames'
    this.#isRude = isRude
  }

  next(): ConnectionPlan {
    const random = this.#random
    const kind = random.next()
    if (kind < 0.05) return this.#byteByByte()
    if (kind < 0.06 && !this.#isFramed) return { ...AT_ONCE, ...NOTHING, chunks: [HTTP_REQUEST] }
    const { bytes, lines, accepted } = this.#content(this.#packets())
    const [chunks, plan] = [this.#cut(bytes), { ...AT_ONCE, lines, accepted }]
    if (kind < 0.1) return { ...plan, chunks, pauseMs: random.between(1, 30) }
    if (kind < 0.2 && this.#isRude) {
      const ending = random.pick(['reset', 'destroy'] as const)
      // The last line may be cut off, and an empty one that is cut off is a line.
      return { ...NOTHING, chunks, ending, pauseMs: random.below(5), uncertainLines: lines + 1 }
    }
    return { ...plan, chunks: kind < 0.6 ? chunks : [bytes] }
  }

  /** With time for each to be a read of its own, now and then. */
  #byteByByte(): ConnectionPlan {
    const { bytes, lines, accepted } = this.#content([this.#fuzzer.packet(200)])
    const chunks = cutAt([...bytes.keys()], bytes)
    return { ...AT_ONCE, lines, accepted, chunks, pauseMs: this.#random.below(2) }
  }

  #content(packets: readonly Uint8Array[]): Content {
    return this.#isFramed ? this.#frames(packets) : this.#stream(packets)
  }

  #stream(packets: readonly Uint8Array[]): Content {
    const bytes = Buffer.concat(packets)
    return { bytes, ...this.#foretell(bytes) }
  }

  #frames(payloads: readonly Uint8Array[]): Content {
    const random = this.#random
    const frames = payloads.flatMap((payload) => [header(payload.length), payload])
    const whole = payloads.map(this.#foretell).reduce(add, NOTHING)
    const kind = random.next()
    const half = Buffer.concat([header(2_000), Buffer.alloc(1_999, 'x\n')])
    // What no frame can follow. Each counts as one line.
    const last =
      kind < 0.05
        ? header(65_537 + random.below(1e9))
        : kind < 0.1
          ? UNFRAMED
          : half.subarray(0, random.between(1, half.length))
    return kind < 0.2
      ? { bytes: Buffer.concat([...frames, last]), ...add(whole, ONE_REJECTED) }
      : { bytes: Buffer.concat(frames), ...whole }
  }

  #packets(): Uint8Array[] {
    const count = this.#random.chance(0.1) ? this.#random.between(20, 60) : this.#random.below(6)
    const packets = Array.from({ length: count }, () => this.#fuzzer.packet(MAX_FRAME_BYTES))
    if (this.#isFramed || this.#random.chance(0.98)) return packets
    // A line that no memory should have to hold.
    return [...packets, Buffer.alloc(this.#random.between(65_530, 300_000), 'x'), LF]
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

const AT_ONCE = { pauseMs: 0, ending: 'end', uncertainLines: 0 } as const
const MAX_FRAME_BYTES = 65_536
const LF = Buffer.from('\n')
/** A client that frames nothing. */
const UNFRAMED = Buffer.from('a:1|c\nb:2|c\n')
/** What a web page can have a browser send. None of it counts. */
const HTTP_REQUEST = Buffer.from('POST / HTTP/1.1\r\nHost: localhost\r\n\r\na:1|c\nb:1|c\n')
