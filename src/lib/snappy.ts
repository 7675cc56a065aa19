/**
 * The block format of snappy: the length of the whole, then literals and copies of what came before.
 *
 *   varint length | tag xxxxxx00 literal | tag xxxxxx01, 10, 11: copy, with an offset of 1 (and 3 bits), 2 or 4 bytes
 */

/** The bytes, or in words why there are none. Nothing is allocated for more than `mostBytes`. */
export function decodeSnappy(
  block: Uint8Array,
  mostBytes: number,
): Uint8Array<ArrayBuffer> | { readonly problem: string; readonly isTooLarge: boolean } {
  let at = 0
  let length = 0
  for (let shift = 0; ; shift += 7) {
    const byte = block[at++]
    if (byte === undefined || shift > 28) return damaged('it has no length')
    length += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  if (length > mostBytes)
    return { problem: `it comes to ${length} bytes, more than ${mostBytes}`, isTooLarge: true }
  // A copy of 64 bytes takes three: what declares more than that is not believed.
  if (length > block.length * MOST_RATIO) return damaged('it is too short for its length')
  const output = new Uint8Array(length)
  let end = 0
  while (at < block.length) {
    const tag = block[at++] ?? 0
    const kind = tag & 3
    if (kind === 0) {
      let size = (tag >> 2) + 1
      if (size > 60) {
        const sizeBytes = size - 60
        size = littleEndian(block, at, sizeBytes) + 1
        at += sizeBytes
      }
      if (size > block.length - at || size > length - end) return damaged('a literal is too long')
      output.set(block.subarray(at, at + size), end)
      at += size
      end += size
      continue
    }
    const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const offsetBytes = kind === 1 ? 1 : kind === 2 ? 2 : 4
    if (at + offsetBytes > block.length) return damaged('it ends within a copy')
    const offset = littleEndian(block, at, offsetBytes) + (kind === 1 ? (tag >> 5) * 256 : 0)
    at += offsetBytes
    if (offset === 0 || offset > end || size > length - end) return damaged('a copy leads out of it')
    if (offset >= size) output.copyWithin(end, end - offset, end - offset + size)
    else for (let index = 0; index < size; index++) output[end + index] = output[end + index - offset] ?? 0
    end += size
  }
  return end === length ? output : damaged('it is shorter than its length')
}

/** Any bytes as a block. */
export function encodeSnappy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const output = new Uint8Array(MOST_LENGTH_BYTES + bytes.length + Math.ceil(bytes.length / 6) + 32)
  let end = writeLength(output, bytes.length)
  for (let start = 0; start < bytes.length; start += FRAGMENT_BYTES)
    end = encodeFragment(bytes, start, Math.min(bytes.length, start + FRAGMENT_BYTES), output, end)
  return output.slice(0, end)
}

const MOST_RATIO = 22
const MOST_LENGTH_BYTES = 5
/** Offsets within it fit into two bytes. */
const FRAGMENT_BYTES = 65_536
const TABLE_BITS = 14
/** Shorter ones are not worth a copy. */
const SHORTEST_MATCH = 4
const LONGEST_COPY = 64

function encodeFragment(
  bytes: Uint8Array,
  start: number,
  limit: number,
  output: Uint8Array,
  outputEnd: number,
): number {
  // Where four bytes with this hash were last seen: one more than the distance from `start`, 0 for nowhere.
  const table = new Uint16Array(1 << TABLE_BITS)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = outputEnd
  let literal = start
  let at = start
  while (at + SHORTEST_MATCH < limit) {
    const four = view.getUint32(at, true)
    const slot = Math.imul(four, 0x1e35a7bd) >>> (32 - TABLE_BITS)
    const candidate = start + (table[slot] ?? 0) - 1
    table[slot] = at - start + 1
    if (candidate < start || candidate >= at || view.getUint32(candidate, true) !== four) {
      // Faster and faster over what does not repeat.
      at += 1 + ((at - literal) >> 5)
      continue
    }
    end = writeLiteral(bytes, literal, at, output, end)
    let size = SHORTEST_MATCH
    while (at + size < limit && bytes[candidate + size] === bytes[at + size]) size += 1
    end = writeCopies(output, end, at - candidate, size)
    at += size
    literal = at
  }
  return writeLiteral(bytes, literal, limit, output, end)
}

function writeLength(output: Uint8Array, length: number): number {
  let end = 0
  let rest = length
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) output[end++] = (rest % 128) | 0x80
  output[end++] = rest
  return end
}

function writeLiteral(
  bytes: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  outputEnd: number,
): number {
  if (from === to) return outputEnd
  let end = outputEnd
  const size = to - from - 1
  if (size < 60) output[end++] = size << 2
  else if (size < 256) {
    output[end++] = 60 << 2
    output[end++] = size
  } else {
    output[end++] = 61 << 2
    output[end++] = size & 0xff
    output[end++] = size >> 8
  }
  output.set(bytes.subarray(from, to), end)
  return end + to - from
}

function writeCopies(output: Uint8Array, outputEnd: number, offset: number, matchBytes: number): number {
  let end = outputEnd
  for (let rest = matchBytes; rest > 0; ) {
    const size = Math.min(rest, LONGEST_COPY)
    output[end++] = ((size - 1) << 2) | 2
    output[end++] = offset & 0xff
    output[end++] = offset >> 8
    rest -= size
  }
  return end
}

/** As an unsigned number. */
function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let index = 0; index < count; index++) value += (bytes[at + index] ?? 0) * 2 ** (8 * index)
  return value
}

function damaged(problem: string): { readonly problem: string; readonly isTooLarge: boolean } {
  return { problem, isTooLarge: false }
}
