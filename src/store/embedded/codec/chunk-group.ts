import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { DamagedBytes } from './damaged-bytes.ts'
import { readStreams, STREAM, StreamWriters } from './group-streams.ts'
import type { Effort } from './packed-bytes.ts'
import { TimesMemory, TimesReader, TimesWriter } from './times.ts'
import { readValues, writeValues } from './values.ts'

/** Points of one series, in ascending order of time, one per time. */
export interface Chunk {
  readonly timesMs: Float64Array
  /** As many. Every bit comes back, whatever they are. */
  readonly values: Float64Array
}

/** No group has more points: what a reader holds at once. */
export const MAX_GROUP_POINTS = 65_536

/**
 * Chunks that are packed together, because alone they would be too short for it to pay. In the stream of heads stands per chunk:
 * count of points, its times (times.ts), its values (values.ts).
 */
export function encodeGroup(chunks: readonly Chunk[], effort: Effort = 'thorough'): Uint8Array {
  const writers = new StreamWriters()
  const head = writers.streams[STREAM.heads] as ByteWriter
  const times = new TimesWriter()
  for (const chunk of chunks) {
    head.varint(chunk.values.length)
    times.write(chunk.timesMs, head, writers.streams[STREAM.times] as ByteWriter)
    writeValues(chunk.values, writers)
  }
  const out = new ByteWriter()
  out.varint(chunks.length)
  out.varint(chunks.reduce((sum, chunk) => sum + chunk.values.length, 0))
  writers.writeTo(out, effort)
  return out.bytes
}

/** Unpacks groups, over and over in the same memory. */
export class GroupDecoder {
  readonly #times = new TimesMemory()
  #values = new Float64Array(0)

  /**
   * Visits the chunks of a group in order, those of which something is wanted: `wantedCount` says how many of the first points.
   * The columns of one are valid until the next, and have these alone. Throws DamagedBytes, and nothing else of its own,
   * for bytes that are no group.
   */
  decode(
    bytes: Uint8Array,
    visit: (chunk: Chunk, index: number) => void,
    wantedCount: (index: number, timesMs: Float64Array) => number = (_, timesMs) => timesMs.length,
  ): void {
    const reader = new ByteReader(bytes)
    const chunkCount = reader.count(MAX_GROUP_POINTS)
    const pointCount = reader.count(MAX_GROUP_POINTS)
    const streams = readStreams(reader).map((stream) => new ByteReader(stream))
    reader.end()
    const [head, timesStream, tokens, bits, codes, doubles, ...planes] = streams as [
      ByteReader,
      ByteReader,
      ByteReader,
      ByteReader,
      ByteReader,
      ByteReader,
      ...ByteReader[],
    ]
    this.#reserve(pointCount)
    const valueStreams = { tokens, bits, codes, doubles, planes }
    const times = new TimesReader(timesStream, this.#times)
    let left = pointCount
    for (let index = 0; index < chunkCount; index++) {
      const count = head.count(left)
      if (count === 0) throw new DamagedBytes('a chunk is empty')
      left -= count
      const timesMs = times.read(head, count)
      const wanted = wantedCount(index, timesMs)
      const values = wanted > 0 ? this.#values.subarray(0, wanted) : undefined
      readValues(head, valueStreams, count, values)
      if (values !== undefined) visit({ timesMs: timesMs.subarray(0, wanted), values }, index)
    }
    if (left !== 0) throw new DamagedBytes('points are missing')
    for (const stream of streams) stream.end()
  }

  #reserve(pointCount: number): void {
    this.#times.reserve(pointCount)
    if (pointCount <= this.#values.length) return
    this.#values = new Float64Array(pointCount)
  }
}
