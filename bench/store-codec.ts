// What a point takes, and how fast chunks are packed and unpacked. Series are made from a seed: kinds of signals as monitoring has them,
// written as their senders write them. Each is checked bit by bit. Prints one line of JSON per kind and one for all.
// Run with `node bench/store-codec.ts [points per chunk] [seed]`. Times are of the process' own CPU: other work does not count.
import { constants, zstdCompressSync } from 'node:zlib'
import { encodeGroup, GroupDecoder } from '../src/store/embedded/codec/chunk-group.ts'
import { Random } from '../test/harness/random.ts'
import { HOST_SIGNALS } from './store/signals.ts'

const pointsPerChunk = Number(process.argv[2] ?? 8_192)
const seed = Number(process.argv[3] ?? 1)
/** Points of one group of short chunks, as the store packs them. */
const POINTS_PER_GROUP = 8_192
const SERIES_PER_KIND = Math.max(6, Math.ceil((2 * POINTS_PER_GROUP) / pointsPerChunk))
const STEP_MS = 300_000
const START_MS = 1_700_000_100_000
const STEPS_PER_DAY = 288

interface Series {
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

const total = { points: 0, bytes: 0, timeBytes: 0, encodeMs: 0, decodeMs: 0 }
for (const [kind, signal] of Object.entries(HOST_SIGNALS)) {
  const random = new Random(seed)
  const series = Array.from({ length: SERIES_PER_KIND }, () => makeSeries(signal(random, STEPS_PER_DAY)))
  const result = measure(series)
  total.points += result.points
  total.bytes += result.bytes
  total.encodeMs += result.encodeMs
  total.decodeMs += result.decodeMs
  print(kind, result, series)
}
console.log(
  JSON.stringify({
    kind: 'all',
    pointsPerChunk,
    bytesPerPoint: round(total.bytes / total.points),
    encodeMillionPointsPerSecond: round(total.points / total.encodeMs / 1_000),
    decodeMillionPointsPerSecond: round(total.points / total.decodeMs / 1_000),
  }),
)

function makeSeries(valueAt: (slot: number) => number): Series {
  const timesMs = new Float64Array(pointsPerChunk)
  const values = new Float64Array(pointsPerChunk)
  for (let slot = 0; slot < pointsPerChunk; slot++) {
    timesMs[slot] = START_MS + slot * STEP_MS
    values[slot] = valueAt(slot)
  }
  return { timesMs, values }
}

function measure(series: readonly Series[]) {
  const perGroup = Math.max(1, Math.floor(POINTS_PER_GROUP / pointsPerChunk))
  const groups: Series[][] = []
  for (let next = 0; next < series.length; next += perGroup) groups.push(series.slice(next, next + perGroup))
  const decoder = new GroupDecoder()
  const points = series.length * pointsPerChunk
  let packed: Uint8Array[] = []
  const encodeMs = fastest(() => {
    packed = groups.map((group) => encodeGroup(group).slice())
  })
  for (const [index, group] of groups.entries()) {
    decoder.decode(packed[index] as Uint8Array, (chunk, place) => check(group[place] as Series, chunk))
  }
  const decodeMs = fastest(() => {
    for (const bytes of packed) decoder.decode(bytes, () => {})
  })
  const copy = new Float64Array(pointsPerChunk)
  const copyMs = fastest(() => {
    for (const { values } of series) copy.set(values)
  })
  const bytes = packed.reduce((sum, group) => sum + group.length, 0)
  return { points, bytes, encodeMs, decodeMs, copyMs }
}

function print(kind: string, result: ReturnType<typeof measure>, series: readonly Series[]): void {
  const { points, bytes, encodeMs, decodeMs, copyMs } = result
  const zstdBytes = series.reduce((sum, { values }) => {
    const raw = new Uint8Array(values.buffer)
    return sum + zstdCompressSync(raw, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }).length
  }, 0)
  const xorBits = series.reduce((sum, { values }) => sum + gorillaBits(values), 0)
  console.log(
    JSON.stringify({
      kind,
      bytesPerPoint: round(bytes / points),
      zstdBytesPerPoint: round(zstdBytes / points),
      gorillaBytesPerPoint: round(xorBits / 8 / points),
      encodeMillionPointsPerSecond: round(points / encodeMs / 1_000),
      decodeMillionPointsPerSecond: round(points / decodeMs / 1_000),
      decodeToCopyRatio: round(decodeMs / copyMs),
    }),
  )
}

function check(expected: Series, found: Series): void {
  for (const column of ['timesMs', 'values'] as const) {
    for (let index = 0; index < pointsPerChunk; index++) {
      if (!Object.is(expected[column][index], found[column][index]))
        throw new Error(`${column}[${index}] is ${found[column][index]}, not ${expected[column][index]}`)
    }
    if (found[column].length !== pointsPerChunk) throw new Error('points are missing')
  }
}

/** Bits of the values alone under the XOR of the Gorilla paper. */
function gorillaBits(values: Float64Array): number {
  const words = new BigUint64Array(values.buffer)
  let bits = 64
  let leading = 65
  let trailing = 0
  for (let index = 1; index < words.length; index++) {
    const difference = (words[index] ?? 0n) ^ (words[index - 1] ?? 0n)
    if (difference === 0n) {
      bits += 1
      continue
    }
    const text = difference.toString(2)
    const ownLeading = Math.min(31, 64 - text.length)
    const ownTrailing = text.length - 1 - text.lastIndexOf('1')
    if (ownLeading >= leading && ownTrailing >= trailing) bits += 2 + 64 - leading - trailing
    else {
      leading = ownLeading
      trailing = ownTrailing
      bits += 2 + 11 + 64 - leading - trailing
    }
  }
  return bits
}

/** Milliseconds of CPU of the best of several runs. */
function fastest(action: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < 8; run++) {
    const start = process.cpuUsage()
    let repeats = 0
    let usedUs = 0
    while (usedUs < 20_000) {
      action()
      repeats++
      const { user, system } = process.cpuUsage(start)
      usedUs = user + system
    }
    best = Math.min(best, usedUs / repeats / 1_000)
  }
  return best
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
