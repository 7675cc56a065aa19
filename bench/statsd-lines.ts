// Taking lines of StatsD into a shard, most of them by the short way for known lines, and decoding each of them alone, against
// the floor, which is finding where the lines end, and against the usual way, which is splitting strings, as etsy's statsd does.
// Prints one line of JSON. Run with `node bench/statsd-lines.ts [lines] [names]`; all must come to the same sum.
import { Shard } from '../src/aggregator/index.ts'
import type { DecodedOutput, LineFormat } from '../src/formats/format.ts'
import { createStatsdFormat } from '../src/formats/index.ts'

const lineCount = Number(process.argv[2] ?? 500_000)
const nameCount = Number(process.argv[3] ?? 10_000)
const PACKET_LINES = 30
const ROUNDS = 5

const KINDS: Readonly<Record<string, (index: number) => string>> = {
  plain: (index) => `${nameAt(index)}:${valueAt(index)}|c`,
  sampled: (index) => `${nameAt(index)}:${valueAt(index)}|c|@0.5`,
  timers: (index) => `${nameAt(index)}:${valueAt(index)}.25|ms`,
  tagged: (index) =>
    `${nameAt(index)}:${valueAt(index)}|c|#env:prod,host:web${((index * 7_919) % nameCount) % 50}`,
  packed: (index) => `${nameAt(index)}:${valueAt(index)}:1:2:3|h`,
}

const results = Object.entries(KINDS).map(([kind, lineAt]) => [kind, measure(lineAt, kind === 'packed')])
console.log(JSON.stringify(Object.fromEntries(results)))

function measure(lineAt: (index: number) => string, isPacked: boolean) {
  const all = Array.from({ length: lineCount }, (_, index) => lineAt(index))
  const packets = packetsOf(all)
  const format = createStatsdFormat()
  const wanted = sumBySplitting(packets)
  const floor = best(() => countLines(packets), lineCount)
  const decode = best(() => sumByDecoding(packets, format), wanted)
  const split = best(() => sumBySplitting(packets), wanted)
  // Packed lines take the long way.
  const shard = isPacked ? undefined : best(createShardSum(packets, format), wanted)
  const shuffled = isPacked ? undefined : best(createShardSum(packetsOf(shuffle(all)), format), wanted)
  return {
    bytesPerLine: round(packets.reduce((sum, { length }) => sum + length + 1, 0) / lineCount),
    floorNs: round(floor),
    decodeNs: round(decode),
    splitNs: round(split),
    timesTheFloor: round(decode / floor),
    // Names come in the same order again and again, or in none.
    ...(shard === undefined ? {} : { shardNs: round(shard), shardTimesTheFloor: round(shard / floor) }),
    ...(shuffled === undefined ? {} : { shuffledShardNs: round(shuffled) }),
    // Etsy's statsd takes packed values for lines of their own; here both do the same work.
    ...(isPacked ? {} : { timesFasterThanSplitting: round(split / decode) }),
  }
}

function packetsOf(lines: readonly string[]): Buffer[] {
  const packets: Buffer[] = []
  for (let index = 0; index < lines.length; index += PACKET_LINES)
    packets.push(Buffer.from(lines.slice(index, index + PACKET_LINES).join('\n')))
  return packets
}

/** By Fisher and Yates, the same way each time. */
function shuffle(lines: readonly string[]): string[] {
  const shuffled = [...lines]
  let random = 1
  for (let last = lines.length - 1; last > 0; last--) {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0
    const other = Math.floor((random / 2 ** 32) * (last + 1))
    const line = shuffled[last] ?? ''
    shuffled[last] = shuffled[other] ?? ''
    shuffled[other] = line
  }
  return shuffled
}

/** Nanoseconds per line in the best of several rounds. */
function best(run: () => number, wanted: number): number {
  let bestMs = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now()
    const answer = run()
    bestMs = Math.min(bestMs, performance.now() - startMs)
    if (answer !== wanted) throw new Error(`the answer is ${answer} and not ${wanted}`)
  }
  return (bestMs * 1e6) / lineCount
}

function countLines(packets: readonly Buffer[]): number {
  let lines = 0
  for (const packet of packets) {
    for (let start = 0; start < packet.length; lines++) {
      const found = packet.indexOf(0x0a, start)
      start = found < 0 ? packet.length : found + 1
    }
  }
  return lines
}

function sumByDecoding(packets: readonly Buffer[], format: LineFormat): number {
  let sum = 0
  let keyBytes = 0
  const out: DecodedOutput = {
    packet: () => undefined,
    point: () => undefined,
    event: () => undefined,
    sample(sample) {
      sum += sample.value * sample.weight
      keyBytes += sample.key.length
    },
  }
  for (const packet of packets) {
    for (let start = 0; start < packet.length; ) {
      const found = packet.indexOf(0x0a, start)
      const end = found < 0 ? packet.length : found
      if (format.decodeLine(packet, start, end, 0, out) !== undefined) throw new Error('a line was rejected')
      start = end + 1
    }
  }
  return keyBytes === 0 ? 0 : sum
}

/** Everything into one shard, as a listener does it, and the sum of what that hands over. */
function createShardSum(packets: readonly Buffer[], format: LineFormat): () => number {
  const shard = new Shard({ intervalMs: 10_000, nowMs: 0 })
  const { lines } = shard
  const memory = new Uint8Array(PACKET_LINES * 256)
  const unused = (): void => undefined
  const out: DecodedOutput = {
    packet: unused,
    point: unused,
    event: unused,
    sample: (sample) => shard.add(sample, 0),
  }
  const takeLine = (start: number, end: number): number => {
    const lineEnd = memory.indexOf(0x0a, start)
    lines.decoding()
    if (format.decodeLine(memory, start, lineEnd, 0, out) !== undefined)
      throw new Error('a line was rejected')
    lines.decoded(memory, start, lineEnd)
    return Math.min(lineEnd + 1, end)
  }
  return () => {
    for (const packet of packets) {
      memory.set(packet)
      memory[packet.length] = 0x0a
      const end = packet.length + 1
      for (let at = 0; at < end; ) {
        at = lines.take(memory, at, end)
        if (at < end) at = takeLine(at, end)
      }
    }
    const { counters, timers } = shard.seal(0)
    return [...counters.sums, ...timers.values].reduce((sum, value) => sum + value, 0)
  }
}

function sumBySplitting(packets: readonly Buffer[]): number {
  let sum = 0
  let keyBytes = 0
  for (const packet of packets) {
    for (const line of packet.toString().split('\n')) {
      const [head = '', tags] = line.split('|#')
      const [name = '', ...parts] = head.split(':')
      let key = name
        .replace(/\s+/g, '_')
        .replace(/\//g, '-')
        .replace(/[^a-zA-Z_\-0-9.;=]/g, '')
      for (const tag of tags?.split(',') ?? []) key += `;${tag.replace(';', '_').replace(':', '=')}`
      for (const part of parts) {
        const [value, , rate] = part.split('|')
        keyBytes += key.length
        sum += Number(value) * (1 / (rate === undefined ? 1 : Number(/^@([\d.]+)/.exec(rate)?.[1])))
      }
    }
  }
  return keyBytes === 0 ? 0 : sum
}

function nameAt(index: number): string {
  const metric = (index * 7_919) % nameCount
  return `service${metric % 100}.host-${metric % 7}.requests.${metric}`
}

function valueAt(index: number): number {
  return (index * 31) % 1_000
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
