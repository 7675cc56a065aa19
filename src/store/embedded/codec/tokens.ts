import type { ByteWriter } from './byte-writer.ts'
import { DamagedBytes } from './damaged-bytes.ts'

/**
 * Whole numbers from 0 to 2^53 as a token, one byte that says about how large it is, and the bits that are missing then.
 * Tokens are what an entropy coder makes small; the bits behind them are noise in all data that we know of, and are
 * packed as they are.
 *
 *   number < 16    token = number, no bits
 *   otherwise      e = its highest bit, token = 16 + 4 (e - 4) + the two bits below that, then the e - 2 bits below those
 */
export const TOKEN_COUNT = 16 + 50 * 4

/** Bits that follow a token. */
export const TOKEN_BITS = Uint8Array.from({ length: 256 }, (_, token) =>
  token < 16 || token >= TOKEN_COUNT ? 0 : ((token - 16) >> 2) + 2,
)
/** The smallest number of a token. */
const TOKEN_BASES = Float64Array.from({ length: 256 }, (_, token) =>
  token < 16 ? token : (4 + ((token - 16) & 3)) * 2 ** (TOKEN_BITS[token] ?? 0),
)

export function tokenOf(value: number): number {
  if (value < 16) return value | 0
  if (value < 2 ** 32) {
    const word = value >>> 0
    const top = 31 - Math.clz32(word)
    return 16 + (top - 4) * 4 + ((word >>> (top - 2)) & 3)
  }
  const high = Math.floor(value / 2 ** 32)
  const top = 63 - Math.clz32(high)
  return 16 + (top - 4) * 4 + (Math.floor(value / 2 ** (top - 2)) & 3)
}

/** Writes the bits behind tokens; there are `bitCount`. */
export function writeTokenBits(
  values: Float64Array,
  tokens: Uint8Array,
  bitCount: number,
  bits: ByteWriter,
): void {
  if (bitCount === 0) return
  const out = bits.take(Math.ceil(bitCount / 8))
  let next = 0
  let held = 0
  let heldBits = 0
  for (let index = 0; index < values.length; index++) {
    const token = tokens[index] as number
    let count = TOKEN_BITS[token] as number
    if (count === 0) continue
    let rest = (values[index] as number) - (TOKEN_BASES[token] as number)
    // `held` stays below 2^7, so that a word has room for 24 more.
    for (; count > 24; count -= 24) {
      const high = Math.floor(rest / 2 ** 24)
      held |= (rest - high * 2 ** 24) << heldBits
      out[next++] = held
      out[next++] = held >>> 8
      out[next++] = held >>> 16
      held >>>= 24
      rest = high
    }
    held |= rest << heldBits
    heldBits += count
    for (; heldBits >= 8; heldBits -= 8) {
      out[next++] = held
      held >>>= 8
    }
  }
  if (heldBits > 0) out[next] = held
}

/** Bits that a word has room for, wherever in a byte they begin. */
const BITS_PER_READ = 25
/** Of tokens up to this one no more bits follow, and their numbers fit a word. */
const LAST_SHORT_TOKEN = 16 + 4 * (BITS_PER_READ + 2 - 4) + 3
const SHORT_BASES = Int32Array.from(TOKEN_BASES.subarray(0, LAST_SHORT_TOKEN + 1))
const SHORT_MASKS = Int32Array.from(TOKEN_BITS.subarray(0, LAST_SHORT_TOKEN + 1), (bits) => 2 ** bits - 1)

/** What has to be known of tokens before the bits behind them can be read. */
export interface TokenSpan {
  /** That their bits take. */
  readonly byteCount: number
  readonly isShort: boolean
}

/** Throws DamagedBytes. */
export function spanOfTokens(tokens: Uint8Array): TokenSpan {
  let bitCount = 0
  let highest = 0
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] ?? 0
    bitCount += TOKEN_BITS[token] ?? 0
    if (token > highest) highest = token
  }
  if (highest >= TOKEN_COUNT) throw new DamagedBytes('there is no such token')
  return { byteCount: Math.ceil(bitCount / 8), isShort: highest <= LAST_SHORT_TOKEN }
}

/** Room behind the last bit: words are read whole. */
const SPARE_BYTES = 4
let padded = new DataView(new ArrayBuffer(8_192))
let words = new Int32Array(4_096)

/** The numbers of tokens that are all short, as whole words; valid until the next call. `bits` begin with those of the first. */
export function readShortTokens(tokens: Uint8Array, bits: Uint8Array): Int32Array {
  if (tokens.length > words.length) words = new Int32Array(tokens.length * 2)
  const out = words
  if (bits.length === 0) {
    out.set(tokens)
    return out.subarray(0, tokens.length)
  }
  const view = withRoom(bits)
  let position = 0
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] ?? 0
    const word = view.getInt32(position >>> 3, true) >>> (position & 7)
    out[index] = (SHORT_BASES[token] ?? 0) + (word & (SHORT_MASKS[token] ?? 0))
    position += TOKEN_BITS[token] ?? 0
  }
  return out.subarray(0, tokens.length)
}

function withRoom(bits: Uint8Array): DataView {
  const neededBytes = bits.length + SPARE_BYTES
  if (neededBytes > padded.byteLength) padded = new DataView(new ArrayBuffer(neededBytes * 2))
  new Uint8Array(padded.buffer).set(bits)
  return padded
}

/** The same for any tokens, into the beginning of `out`. */
export function readTokens(tokens: Uint8Array, bits: Uint8Array, out: Float64Array): void {
  const view = withRoom(bits)
  let position = 0
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] ?? 0
    let value = TOKEN_BASES[token] ?? 0
    let count = TOKEN_BITS[token] ?? 0
    let scale = 1
    for (; count > BITS_PER_READ; count -= BITS_PER_READ) {
      const word = view.getInt32(position >>> 3, true) >>> (position & 7)
      value += scale * (word & ((1 << BITS_PER_READ) - 1))
      scale *= 1 << BITS_PER_READ
      position += BITS_PER_READ
    }
    const word = view.getInt32(position >>> 3, true) >>> (position & 7)
    out[index] = value + scale * (word & ((1 << count) - 1))
    position += count
  }
}
