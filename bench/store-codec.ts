// What a point takes, and how fast chunks are packed and unpacked. Series are made from a seed: kinds of signals as monitoring has them,
// written as their senders write them. Each is checked bit by bit. Prints one line of JSON per kind and one for all.
// Run with `node bench/store-codec.ts [points per chunk] [seed]`. Times are of the process' own CPU: other work does not count.
import { constants, zstdCompressSync } from 'node:zlib'
import { encodeGroup, GroupDecoder } from '../src/store/embedded/codec/chunk-group.ts'
import { Random } from '../test/harness/random.ts'

const pointsPerChunk = Number(process.argv[2] ?? 8_192)
const seed = Number(process.argv[3] ?? 1)
/** Points of one group of short chunks, as the store packs them. */
const POINTS_PER_GROUP = 8_192
const SERIES_PER_KIND = Math.max(6, Math.ceil((2 * POINTS_PER_GROUP) / pointsPerChunk))
const STEP_MS = 300_000
const START_MS = 1_700_000_100_000
const DAY_SLOTS = 288

type Signal = (random: Random) => (slot: number) => number

const KINDS: Readonly<Record<string, Signal>> = {
  // A share in percent that wanders about its mean, with one decimal: CPU, disk.
  percent: (random) => {
    const mean = 5 + random.next() * 60
    let level = mean
    return () => {
      level += (mean - level) * 0.1 + normal(random) * 3
      return Number(Math.min(100, Math.max(0, level + normal(random))).toFixed(1))
    }
  },
  // The same of an idle machine, three decimals.
  idlePercent: (random) => {
    const mean = 0.1 + random.next()
    return () => Number(Math.abs(mean + normal(random) * 0.02).toFixed(3))
  },
  // Requests of an interval: a day's ups and downs, and chance.
  requests: (random) => {
    const mean = 10 ** (1 + random.next() * 3)
    return (slot) => {
      const expected = mean * (1 + 0.8 * Math.sin((slot / DAY_SLOTS) * 2 * Math.PI))
      return Math.max(0, Math.round(expected + normal(random) * Math.sqrt(expected)))
    }
  },
  // Errors: nearly always none.
  errors: (random) => () => (random.chance(0.03) ? random.between(1, 20) : 0),
  // Memory in pages of 4,096 bytes: it grows, and falls when something ends.
  memory: (random) => {
    let pages = random.between(100_000, 2_000_000)
    return () => {
      pages += random.chance(0.01) ? -random.below(pages >> 2) : random.below(200) - 80
      return pages * 4_096
    }
  },
  // A counter that only rises.
  total: (random) => {
    let total = random.below(1_000_000)
    const rate = 1 + random.below(5_000)
    return () => (total += Math.max(0, Math.round(rate + normal(random) * Math.sqrt(rate))))
  },
  // A sensor of eight decimals, which wander slowly.
  sensor: (random) => {
    let level = 20 + random.next() * 60
    return () => Number((level += normal(random) * 0.4).toFixed(8))
  },
  // Bytes per second, averaged: one decimal, heavy tails.
  network: (random) => {
    const scale = 10 ** (3 + random.next() * 4)
    return () => Number((scale * Math.exp(normal(random) * 0.8)).toFixed(1))
  },
  // A quotient of two counts, with all 17 digits: error rates, cache hits.
  quotient: (random) => {
    const mean = 20 + random.below(200)
    return () => random.below(mean) / (mean + random.below(40))
  },
  // The mean of a timer: a sum over a count.
  timerMean: (random) => () => {
    const count = random.between(3, 40)
    let sum = 0
    for (let value = 0; value < count; value++)
      sum += Math.round(Math.exp(3 + normal(random) * 0.6) * 100) / 100
    return sum / count
  },
  // A level that is set now and then: pool sizes, versions, limits.
  setting: (random) => {
    let level = random.between(1, 64)
    return () => (random.chance(0.002) ? (level = random.between(1, 64)) : level)
  },
  // One of a few states.
  state: (random) => {
    const states = [0, 0.5, 1, 42.125, 1_013.25]
    return () => random.pick(states)
  },
  // Seconds since start: regular to the digit.
  uptime: (random) => {
    const start = random.below(1_000_000)
    return (slot) => start + slot * 300
  },
}

interface Series {
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

const total = { points: 0, bytes: 0, timeBytes: 0, encodeMs: 0, decodeMs: 0 }
for (const [kind, signal] of Object.entries(KINDS)) {
  const random = new Random(seed)
  const series = Array.from({ length: SERIES_PER_KIND }, () => makeSeries(signal(random)))
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

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
