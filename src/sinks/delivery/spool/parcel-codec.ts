import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { deserialize, serialize } from 'node:v8'
import type { MetricEvent } from '../../../model/event.ts'
import type { FlushBatch } from '../../../model/flush-batch.ts'
import type { FlushDetails } from '../../../model/flush-details.ts'
import { isSameIdentity, type SeriesIdentity } from '../../../model/series-identity.ts'
import type { SeriesKey } from '../../../model/series-key.ts'
import type { Parcel } from '../queue.ts'
import { joinPlanes, splitPlanes } from './byte-planes.ts'

/**
 * Parcels as bytes: docs/formats/spool.md. A series is introduced once in each segment, and is a number from then on; columns are laid out
 * byte by byte, all first bytes, all second bytes, ..., which zstd makes little of.
 */
export interface EncodedParcel {
  readonly kind: ParcelKind
  /** Later parcels of the segment cannot be read without it. */
  readonly introducesSeries: boolean
  /** Length of what `payload` is when it is unpacked. */
  readonly rawBytes: number
  readonly payload: Uint8Array
}

export const PARCEL_KINDS = ['flush', 'points', 'events'] as const
export type ParcelKind = (typeof PARCEL_KINDS)[number]

const HEAD_BYTES = 56
const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }

/** Encodes the parcels of one segment, in order. */
export class ParcelEncoder {
  readonly #numbers = new Map<SeriesIdentity, number>()

  encode(parcel: Parcel): EncodedParcel {
    const { kind } = parcel
    if (kind === 'events') return pack(kind, false, Buffer.from(JSON.stringify(parcel.batch)))
    const { series, values } = parcel.batch
    const firstNew = this.#numbers.size
    const newSeries: SeriesIdentity[] = []
    const steps = new Uint32Array(series.length)
    let last = -1
    for (const [index, identity] of series.entries()) {
      let number = this.#numbers.get(identity)
      if (number === undefined) {
        number = this.#numbers.size
        this.#numbers.set(identity, number)
        newSeries.push(identity)
      }
      steps[index] = number - last - 1
      last = number
    }
    const introduction =
      newSeries.length === 0 ? new Uint8Array() : Buffer.from(JSON.stringify(newSeries.map(toRow)))
    const details =
      kind === 'flush' && parcel.batch.details !== undefined
        ? serialize(parcel.batch.details)
        : new Uint8Array()
    const head = encodeHead(parcel, {
      count: series.length,
      firstNew,
      newCount: newSeries.length,
      introductionBytes: introduction.length,
      detailsBytes: details.length,
    })
    const columns = [splitPlanes(steps), splitPlanes(values)]
    if (kind === 'points') columns.push(splitPlanes(parcel.batch.timesMs))
    return pack(kind, newSeries.length > 0, Buffer.concat([head, introduction, ...columns, details]))
  }
}

/** Decodes the parcels of one segment. Throws where the bytes are no parcel. */
export class ParcelDecoder {
  /** By number. */
  readonly #known: SeriesIdentity[] = []
  readonly #interned: ReadonlyMap<SeriesKey, SeriesIdentity>

  /** `before`: of the segment before. A series that is in it, too, is the same object here. */
  constructor(before?: ParcelDecoder) {
    const known = before === undefined ? [] : before.#known
    this.#interned = new Map(known.map((identity) => [identity.key, identity]))
  }

  decode({ kind, payload, rawBytes }: Omit<EncodedParcel, 'introducesSeries'>): Parcel {
    const raw = unpack(payload, rawBytes)
    if (kind === 'events') return { kind, batch: JSON.parse(raw.toString()) as MetricEvent[] }
    const head = decodeHead(raw)
    let at = this.#learn(raw, head)
    const take = (bytes: number): Uint8Array => {
      const part = raw.subarray(at, at + bytes)
      if (part.length < bytes) throw new Error('its columns are cut off')
      at += bytes
      return part
    }
    const { count } = head
    const steps = joinPlanes(take(count * 4), new Uint32Array(count))
    const series = this.#seriesOf(steps)
    const values = joinPlanes(take(count * 8), new Float64Array(count))
    if (kind === 'points') {
      const timesMs = joinPlanes(take(count * 8), new Float64Array(count))
      return { kind, batch: { kind: 'number', series, timesMs, values } }
    }
    const { timestampMs, intervalMs, metricCounts } = head
    const batch = { timestampMs, intervalMs, series, values, metricCounts }
    if (head.detailsBytes === 0) return { kind, batch }
    return { kind, batch: { ...batch, details: deserialize(take(head.detailsBytes)) as FlushDetails } }
  }

  /** Takes no more than the series that it introduces. */
  skip({ payload, rawBytes }: Pick<EncodedParcel, 'payload' | 'rawBytes'>): void {
    const raw = unpack(payload, rawBytes)
    this.#learn(raw, decodeHead(raw))
  }

  /** Returns where the columns begin. */
  #learn(raw: Buffer, { firstNew, newCount, introductionBytes }: Head): number {
    const end = HEAD_BYTES + introductionBytes
    if (newCount === 0) return end
    const rows = JSON.parse(raw.toString('utf8', HEAD_BYTES, end)) as IdentityRow[]
    if (rows.length !== newCount) throw new Error('it introduces other series than it says')
    for (const [index, row] of rows.entries()) {
      const identity = fromRow(row)
      const known = this.#interned.get(identity.key)
      this.#known[firstNew + index] =
        known !== undefined && isSameIdentity(known, identity) ? known : identity
    }
    return end
  }

  #seriesOf(steps: Uint32Array): SeriesIdentity[] {
    const series: SeriesIdentity[] = []
    let number = -1
    for (const step of steps) {
      number = (number + 1 + step) >>> 0
      const identity = this.#known[number]
      if (identity === undefined) throw new Error(`series ${number} was introduced by a record that is lost`)
      series.push(identity)
    }
    return series
  }
}

interface Head {
  readonly count: number
  readonly firstNew: number
  readonly newCount: number
  readonly introductionBytes: number
  readonly detailsBytes: number
  readonly timestampMs: number
  readonly intervalMs: number
  readonly metricCounts: FlushBatch['metricCounts']
}

type Sizes = Pick<Head, 'count' | 'firstNew' | 'newCount' | 'introductionBytes' | 'detailsBytes'>

function encodeHead(parcel: Parcel, sizes: Sizes): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32LE(sizes.count, 0)
  head.writeUInt32LE(sizes.firstNew, 4)
  head.writeUInt32LE(sizes.newCount, 8)
  head.writeUInt32LE(sizes.introductionBytes, 12)
  head.writeUInt32LE(sizes.detailsBytes, 16)
  if (parcel.kind !== 'flush') return head
  const { timestampMs, intervalMs, metricCounts } = parcel.batch
  head.writeDoubleLE(timestampMs, 24)
  head.writeDoubleLE(intervalMs, 32)
  head.writeUInt32LE(metricCounts.counter, 40)
  head.writeUInt32LE(metricCounts.gauge, 44)
  head.writeUInt32LE(metricCounts.timer, 48)
  head.writeUInt32LE(metricCounts.set, 52)
  return head
}

function decodeHead(raw: Buffer): Head {
  if (raw.length < HEAD_BYTES) throw new Error('it is shorter than its head')
  return {
    count: raw.readUInt32LE(0),
    firstNew: raw.readUInt32LE(4),
    newCount: raw.readUInt32LE(8),
    introductionBytes: raw.readUInt32LE(12),
    detailsBytes: raw.readUInt32LE(16),
    timestampMs: raw.readDoubleLE(24),
    intervalMs: raw.readDoubleLE(32),
    metricCounts: {
      counter: raw.readUInt32LE(40),
      gauge: raw.readUInt32LE(44),
      timer: raw.readUInt32LE(48),
      set: raw.readUInt32LE(52),
    },
  }
}

/** JSON has no infinity, and the last bin of a histogram ends there. */
type IdentityRow = readonly [
  key: SeriesKey,
  metricKey: SeriesKey,
  metricType: SeriesIdentity['metricType'],
  statistic: SeriesIdentity['statistic'],
  rollup: SeriesIdentity['rollup'],
  percentile: number | null,
  upperEdge: number | 'inf' | null,
]

function toRow(identity: SeriesIdentity): IdentityRow {
  const { key, metricKey, metricType, statistic, rollup, percentile, upperEdge } = identity
  const edge = upperEdge === Number.POSITIVE_INFINITY ? 'inf' : (upperEdge ?? null)
  return [key, metricKey, metricType, statistic, rollup, percentile ?? null, edge]
}

function fromRow([
  key,
  metricKey,
  metricType,
  statistic,
  rollup,
  percentile,
  edge,
]: IdentityRow): SeriesIdentity {
  return {
    key,
    metricKey,
    metricType,
    statistic,
    rollup,
    ...(percentile === null ? {} : { percentile }),
    ...(edge === null ? {} : { upperEdge: edge === 'inf' ? Number.POSITIVE_INFINITY : edge }),
  }
}

function pack(kind: ParcelKind, introducesSeries: boolean, raw: Uint8Array): EncodedParcel {
  return { kind, introducesSeries, rawBytes: raw.length, payload: zstdCompressSync(raw, COMPRESSION) }
}

function unpack(payload: Uint8Array, rawBytes: number): Buffer {
  const raw = zstdDecompressSync(payload, { maxOutputLength: Math.max(1, rawBytes) })
  if (raw.length !== rawBytes) throw new Error('it has another length than it says')
  return raw
}
