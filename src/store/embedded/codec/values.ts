import { byteEntropyBits } from './byte-entropy.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { DamagedBytes } from './damaged-bytes.ts'
import { LARGEST_INTEGER, POWERS_OF_TEN, scaleToIntegers, type ScaledColumn } from './decimals.ts'
import { findDistinctValues, type DistinctValues } from './distinct-values.ts'
import { bestDoubleTransform, readPlanes, writePlanes } from './double-bits.ts'
import { STREAM, type StreamWriters } from './group-streams.ts'
import { compress } from './packed-bytes.ts'
import {
  bestResiduals,
  residualCount,
  restoreIntegers,
  restoreShort,
  type Residuals,
  type Scale,
} from './residuals.ts'
import { scratch } from './scratch.ts'
import { readShortTokens, readTokens, spanOfTokens, writeTokenBits } from './tokens.ts'

/**
 * How the values of a chunk stand in its head. Codes are part of the format.
 *
 *   constant   f64
 *   whole      integer: a constant one
 *   decimals   decimals u8, first integer, divisor, exceptions, transform u8, smallest residual; residuals in `tokens` and `bits`:
 *              value = (first + divisor * restored residual) / 10^decimals
 *   exceptions count, then per exception how far it is behind the one before, and its f64
 *   doubles    transform u8; eight planes
 *   plain      f64s in `doubles`
 *   few        how many, their values as one of the kinds above; which each is in `codes`, a byte each
 *   many       the same, then which the first is; transform u8, smallest residual; how far each is from it in `tokens` and `bits`
 */
const KIND = { constant: 0, whole: 1, decimals: 2, doubles: 3, plain: 4, few: 5, many: 6 } as const

/** Which values can be counted in a byte. */
const MOST_FEW = 256
const MOST_MANY = 65_536
/** What a table of different values and its head take at least. */
const LEAST_TABLE_BITS = 160
/** Shorter columns are not given to the entropy coder to see what it makes of them. */
const WORTH_A_TRIAL = 512

/** Added to a transform: its residuals are bytes in `codes`. */
const AS_BYTES = 4

/** A way of writing a column, tried and not yet written. */
interface Trial {
  readonly bits: number
  /** A table of its values would not make it smaller. */
  readonly isDense?: boolean
  write(out: StreamWriters): void
}

/** Writes the values of one chunk, not empty, in the way that takes the least space. */
export function writeValues(values: Float64Array, out: StreamWriters): void {
  scratch.begin()
  const plain = tryPlain(values)
  const isEnough = plain.isDense === true || plain.bits < values.length * 2 + LEAST_TABLE_BITS
  const distinct = isEnough ? undefined : tryDistinct(values, plain.bits)
  const best = distinct !== undefined && distinct.bits < plain.bits ? distinct : plain
  best.write(out)
}

function tryPlain(values: Float64Array): Trial {
  if (isConstant(values)) return { bits: 0, write: (out) => writeConstant(values[0] ?? 0, out) }
  const decimals = tryDecimals(values)
  // Decimals hardly lose to the bits of their doubles, unless they nearly fill these.
  if (decimals !== undefined && decimals.bits < values.length * 40) return decimals
  const { transform, bits } = bestDoubleTransform(values)
  if (decimals !== undefined && decimals.bits < bits) return decimals
  if (values.length < WORTH_A_TRIAL) return { bits, write: (out) => writeDoubles(values, transform, out) }
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  const plainBits = compress(bytes).length * 8
  if (plainBits < bits) return { bits: plainBits, write: (out) => writePlain(bytes, out) }
  return { bits, write: (out) => writeDoubles(values, transform, out) }
}

function tryDecimals(values: Float64Array): Trial | undefined {
  const scaled = scaleToIntegers(values)
  if (scaled === undefined) return undefined
  const { integers, exceptions } = scaled
  const first = integers[0] ?? 0
  const divisor = commonDivisor(integers)
  if (divisor === 1)
    for (let index = 0; index < integers.length; index++)
      integers[index] = (integers[index] as number) - first
  else
    for (let index = 0; index < integers.length; index++)
      integers[index] = ((integers[index] as number) - first) / divisor
  const residuals = bestResiduals(integers)
  if (residuals === undefined) return undefined
  return {
    bits: residuals.bits + exceptions.length * 80,
    isDense: residuals.areBytes,
    write: (out) => writeDecimals(values, { scaled, first, divisor, residuals }, out),
  }
}

function tryDistinct(values: Float64Array, mostBits: number): Trial | undefined {
  const distinct = findDistinctValues(values, mostBits)
  if (distinct === undefined) return undefined
  const table = tryPlain(distinct.table)
  if (distinct.table.length <= MOST_FEW) {
    const codes = scratch.bytes(distinct.codes.length)
    codes.set(distinct.codes)
    return {
      bits: table.bits + byteEntropyBits(codes),
      write: (out) => writeFew(distinct, table, codes, out),
    }
  }
  const first = distinct.codes[0] ?? 0
  const residuals = bestResiduals(Float64Array.from(distinct.codes, (code) => code - first))
  if (residuals === undefined) return undefined
  const { length } = distinct.table
  return {
    bits: table.bits + residuals.bits,
    write: (out) => writeMany({ length, table, first, residuals }, out),
  }
}

function writeConstant(value: number, { streams }: StreamWriters): void {
  const head = streams[STREAM.heads] as ByteWriter
  if (Number.isInteger(value) && Math.abs(value) <= LARGEST_INTEGER && !Object.is(value, -0)) {
    head.byte(KIND.whole)
    head.signedVarint(value)
  } else {
    head.byte(KIND.constant)
    head.double(value)
  }
}

interface Decimals {
  readonly scaled: ScaledColumn
  readonly first: number
  readonly divisor: number
  readonly residuals: Residuals
}

function writeDecimals(values: Float64Array, decimals: Decimals, out: StreamWriters): void {
  const { scaled, first, divisor, residuals } = decimals
  const head = out.streams[STREAM.heads] as ByteWriter
  head.byte(KIND.decimals)
  head.byte(scaled.decimals)
  head.signedVarint(first)
  head.varint(divisor)
  head.varint(scaled.exceptions.length)
  let last = 0
  for (const place of scaled.exceptions) {
    head.varint(place - last)
    head.double(values[place] ?? 0)
    last = place
  }
  writeResiduals(residuals, out)
}

function writeResiduals(residuals: Residuals, { streams }: StreamWriters): void {
  const { transform, least, values, codes, tokenBits, areBytes } = residuals
  const head = streams[STREAM.heads] as ByteWriter
  head.byte(areBytes ? transform | AS_BYTES : transform)
  head.signedVarint(least)
  ;(streams[areBytes ? STREAM.codes : STREAM.tokens] as ByteWriter).append(codes)
  writeTokenBits(values, codes, tokenBits, streams[STREAM.bits] as ByteWriter)
}

function writeDoubles(values: Float64Array, transform: number, { streams }: StreamWriters): void {
  const head = streams[STREAM.heads] as ByteWriter
  head.byte(KIND.doubles)
  head.byte(transform)
  const planes = streams.slice(STREAM.firstPlane).map((stream) => stream.take(values.length))
  writePlanes(values, transform, planes)
}

function writePlain(bytes: Uint8Array, { streams }: StreamWriters): void {
  const head = streams[STREAM.heads] as ByteWriter
  head.byte(KIND.plain)
  ;(streams[STREAM.doubles] as ByteWriter).append(bytes)
}

function writeFew({ table }: DistinctValues, tableTrial: Trial, codes: Uint8Array, out: StreamWriters): void {
  const head = out.streams[STREAM.heads] as ByteWriter
  head.byte(KIND.few)
  head.varint(table.length)
  tableTrial.write(out)
  ;(out.streams[STREAM.codes] as ByteWriter).append(codes)
}

interface Many {
  readonly length: number
  readonly table: Trial
  /** Which value is the first; the residuals are of the others' distance from it. */
  readonly first: number
  readonly residuals: Residuals
}

function writeMany({ length, table, first, residuals }: Many, out: StreamWriters): void {
  const head = out.streams[STREAM.heads] as ByteWriter
  head.byte(KIND.many)
  head.varint(length)
  table.write(out)
  head.varint(first)
  writeResiduals(residuals, out)
}

/** The streams of a group other than that of heads, each at the place where the next chunk goes on. */
export interface ValueStreams {
  readonly tokens: ByteReader
  readonly bits: ByteReader
  readonly codes: ByteReader
  readonly doubles: ByteReader
  readonly planes: readonly ByteReader[]
}

/**
 * Reads of the next chunk, which has `count` values, at least 1, as many as there is room for in `out`; undefined: steps over
 * them. Throws DamagedBytes.
 */
export function readValues(
  head: ByteReader,
  streams: ValueStreams,
  count: number,
  out: Float64Array | undefined,
): void {
  const kind = head.byte()
  if (kind === KIND.few || kind === KIND.many) readDistinct(kind, { head, streams, count, out })
  else readPlain(kind, { head, streams, count, out })
}

interface Part {
  readonly head: ByteReader
  readonly streams: ValueStreams
  readonly count: number
  /** Not longer than `count`, and not empty. undefined: nobody wants them. */
  readonly out: Float64Array | undefined
}

function readPlain(kind: number, part: Part): void {
  const { head, streams, count, out } = part
  switch (kind) {
    case KIND.constant: {
      const value = head.double()
      out?.fill(value)
      break
    }
    case KIND.whole: {
      const value = head.signedVarint()
      out?.fill(value)
      break
    }
    case KIND.decimals:
      readDecimals(part)
      break
    case KIND.plain: {
      const bytes = streams.doubles.take(count * 8)
      if (out !== undefined)
        new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(bytes.subarray(0, out.byteLength))
      break
    }
    case KIND.doubles: {
      const transform = head.byte()
      const planes = streams.planes.map((plane) => plane.take(count))
      if (out !== undefined) readPlanes(planes, transform, out)
      break
    }
    default:
      throw new DamagedBytes('there are no such values')
  }
}

function readDecimals(part: Part): void {
  const { head, count, out } = part
  const power = POWERS_OF_TEN[head.byte()]
  if (power === undefined) throw new DamagedBytes('there is no such power of ten')
  const first = head.signedVarint()
  const divisor = head.varint()
  const exceptions: { place: number; value: number }[] = []
  let place = 0
  for (let left = head.count(count); left > 0; left--) {
    place += head.count(count - 1 - place)
    exceptions.push({ place, value: head.double() })
  }
  readResiduals(part, { first, divisor })
  if (out === undefined) return
  if (power !== 1) for (let index = 0; index < out.length; index++) out[index] = (out[index] ?? 0) / power
  for (const exception of exceptions) if (exception.place < out.length) out[exception.place] = exception.value
}

/** The restored integers, scaled. */
function readResiduals({ head, streams, count, out }: Part, scale: Scale): void {
  const code = head.byte()
  const transform = code & ~AS_BYTES
  const least = head.signedVarint()
  const wantedCount = out === undefined ? 0 : residualCount(transform, out.length)
  if ((code & AS_BYTES) !== 0) {
    const bytes = streams.codes.take(residualCount(transform, count))
    if (out !== undefined) restoreShort(bytes, { transform, least }, scale, out)
    return
  }
  const tokens = streams.tokens.take(residualCount(transform, count))
  const { byteCount, isShort } = spanOfTokens(tokens)
  const bits = streams.bits.take(byteCount)
  if (out === undefined) return
  const wanted = tokens.subarray(0, wantedCount)
  if (isShort) restoreShort(readShortTokens(wanted, bits), { transform, least }, scale, out)
  else {
    readTokens(wanted, bits, out)
    restoreIntegers(out, { transform, least })
    const { first, divisor } = scale
    for (let index = 0; index < out.length; index++) out[index] = first + divisor * (out[index] ?? 0)
  }
}

function readDistinct(kind: number, part: Part): void {
  const { head, streams, count, out } = part
  const table = new Float64Array(head.count(kind === KIND.few ? MOST_FEW : MOST_MANY))
  if (table.length === 0) throw new DamagedBytes('there is nothing to choose from')
  readPlain(head.byte(), { head, streams, count: table.length, out: out === undefined ? undefined : table })
  if (kind === KIND.few) {
    const codes = streams.codes.take(count)
    if (out === undefined) return
    for (let index = 0; index < out.length; index++) out[index] = table[codes[index] ?? 0] ?? 0
    return
  }
  readResiduals(part, { first: head.varint(), divisor: 1 })
  if (out === undefined) return
  for (let index = 0; index < out.length; index++) out[index] = table[out[index] ?? 0] ?? 0
}

function isConstant(values: Float64Array): boolean {
  // Most are not. A NaN is neither.
  if (values.length > 1 && ((values[0] ?? 0) < (values[1] ?? 0) || (values[0] ?? 0) > (values[1] ?? 0)))
    return false
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  const low = words[0]
  const high = words[1]
  for (let index = 2; index < words.length; index += 2) {
    if (words[index] !== low || words[index + 1] !== high) return false
  }
  return true
}

/** What all differences from the first are multiples of: bytes of pages, seconds of minutes. */
function commonDivisor(integers: Float64Array): number {
  const first = integers[0] ?? 0
  let divisor = 0
  for (let index = 1; index < integers.length; index++) {
    let rest = Math.abs((integers[index] as number) - first)
    // The quick way past what is a multiple, which with the right divisor all are.
    if (divisor > 0 && Math.floor(rest / divisor) * divisor === rest) continue
    while (rest !== 0) {
      const remainder = divisor % rest
      divisor = rest
      rest = remainder
    }
    if (divisor === 1) return 1
  }
  return Math.max(1, divisor)
}
