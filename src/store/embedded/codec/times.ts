import type { ByteReader } from './byte-reader.ts'
import { zigzag, type ByteWriter } from './byte-writer.ts'
import { DamagedBytes } from './damaged-bytes.ts'

/** How the times of a chunk stand in its head. Codes are part of the format. */
const KIND = {
  /** Those of the chunk before. */
  same: 0,
  /** First time; then runs of one distance: the distance less that of the run before, and how often. */
  runs: 1,
  /** First time; the distances, each less the one before, are in the stream of times. */
  irregular: 2,
  /** Doubles in the stream of times. */
  plain: 3,
} as const

const NO_TIMES = new Float64Array(0)

/** Differences of differences of such distances are exact. */
const LARGEST_DISTANCE = 2 ** 50

/** Writes one chunk's times, ascending, after another's: those that a flush gave to all series at once cost a byte. */
export class TimesWriter {
  #last: Float64Array = new Float64Array(0)

  write(times: Float64Array, head: ByteWriter, stream: ByteWriter): void {
    if (isSame(times, this.#last)) {
      head.byte(KIND.same)
      return
    }
    this.#last = times
    const distances = distancesOf(times)
    const runs = distances === undefined ? undefined : runsOf(distances)
    if (distances === undefined || runs === undefined) {
      head.byte(KIND.plain)
      for (const time of times) stream.double(time)
      return
    }
    const isRegular = runs.length * 3 <= times.length + 2
    head.byte(isRegular ? KIND.runs : KIND.irregular)
    head.double(times[0] ?? 0)
    if (isRegular) {
      head.varint(runs.length)
      let last = 0
      for (const { distance, repeats } of runs) {
        head.varint(zigzag(distance - last))
        head.varint(repeats)
        last = distance
      }
      return
    }
    let last = 0
    for (const distance of distances) {
      stream.varint(zigzag(distance - last))
      last = distance
    }
  }
}

/** Where times are unpacked. Chunk after chunk has the same regular ones, which are not written again. */
export class TimesMemory {
  #times: Float64Array = new Float64Array(0)
  #firstMs = Number.NaN
  #distanceMs = Number.NaN
  #regularCount = 0

  reserve(count: number): void {
    if (count <= this.#times.length) return
    this.#times = new Float64Array(count)
    this.#regularCount = 0
  }

  /** For the caller to fill. */
  take(count: number): Float64Array {
    this.#regularCount = 0
    return this.#times.subarray(0, count)
  }

  regular(firstMs: number, distanceMs: number, count: number): Float64Array {
    const times = this.#times
    const isKnown = firstMs === this.#firstMs && distanceMs === this.#distanceMs
    if (!isKnown || this.#regularCount < count) {
      let timeMs = firstMs
      for (let index = 0; index < count; index++) {
        times[index] = timeMs
        timeMs += distanceMs
      }
      this.#firstMs = firstMs
      this.#distanceMs = distanceMs
      this.#regularCount = count
    }
    return times.subarray(0, count)
  }
}

/** Reads what a TimesWriter wrote, in the same order. */
export class TimesReader {
  readonly #stream: ByteReader
  readonly #memory: TimesMemory
  #last: Float64Array

  /** `memory` has room for the times of each chunk. */
  constructor(stream: ByteReader, memory: TimesMemory) {
    this.#stream = stream
    this.#memory = memory
    this.#last = NO_TIMES
  }

  /** Valid until the next call. Throws DamagedBytes. */
  read(head: ByteReader, count: number): Float64Array {
    const kind = head.byte()
    if (kind === KIND.same) {
      if (this.#last.length !== count) throw new DamagedBytes('its times are not as many as those before')
      return this.#last
    }
    if (kind === KIND.plain) this.#last = this.#readPlain(count)
    else if (kind === KIND.runs) this.#last = readRuns(head, this.#memory, count)
    else if (kind === KIND.irregular) this.#last = this.#readDistances(head, count)
    else throw new DamagedBytes('there are no such times')
    return this.#last
  }

  #readPlain(count: number): Float64Array {
    const times = this.#memory.take(count)
    for (let index = 0; index < count; index++) times[index] = this.#stream.double()
    return times
  }

  #readDistances(head: ByteReader, count: number): Float64Array {
    const times = this.#memory.take(count)
    let time = head.double()
    let distance = 0
    times[0] = time
    for (let index = 1; index < times.length; index++) {
      distance += this.#stream.signedVarint()
      time += distance
      times[index] = time
    }
    return times
  }
}

function readRuns(head: ByteReader, memory: TimesMemory, count: number): Float64Array {
  let time = head.double()
  const runCount = head.count(count)
  let distance = 0
  if (runCount === 1) {
    distance = head.signedVarint()
    if (head.count(count - 1) !== count - 1) throw new DamagedBytes('times are missing')
    return memory.regular(time, distance, count)
  }
  const times = memory.take(count)
  times[0] = time
  let next = 1
  for (let left = runCount; left > 0; left--) {
    distance += head.signedVarint()
    for (let repeats = head.count(times.length - next); repeats > 0; repeats--) {
      time += distance
      times[next++] = time
    }
  }
  if (next !== times.length) throw new DamagedBytes('times are missing')
  return times
}

/** undefined: times so far apart, or so odd, that differences would not bring them back. */
function distancesOf(times: Float64Array): Float64Array | undefined {
  const distances = new Float64Array(times.length - 1)
  for (let index = 0; index < times.length; index++) {
    const time = times[index] ?? 0
    if (!Number.isSafeInteger(time) || Object.is(time, -0)) return undefined
    if (index === 0) continue
    const distance = time - (times[index - 1] ?? 0)
    if (Math.abs(distance) > LARGEST_DISTANCE) return undefined
    distances[index - 1] = distance
  }
  return distances
}

interface Run {
  readonly distance: number
  repeats: number
}

function runsOf(distances: Float64Array): Run[] {
  const runs: Run[] = []
  for (const distance of distances) {
    const last = runs.at(-1)
    if (last !== undefined && last.distance === distance) last.repeats++
    else runs.push({ distance, repeats: 1 })
  }
  return runs
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) {
    const one = a[index]
    if (one !== b[index] || (one === 0 && !Object.is(one, b[index]))) return false
  }
  return true
}
