/**
 * Hashes a text to 64 bits: MurmurHash3 (x86, 32 bits) of its UTF-8 bytes, twice at once, with a seed for either half. The
 * seeds are public and never change, because registers filled by one process are merged by another and saved: so
 * somebody may make up members that collide, and then counts too few of their own. Writes the halves to `halves`.
 */
export function hashMember(member: string, halves: Uint32Array): void {
  const isShort = member.length * MOST_BYTES_PER_UNIT <= SCRATCH.length
  const bytes = isShort ? SCRATCH : Buffer.from(member)
  const length = isShort ? SCRATCH.write(member) : bytes.length
  let first = FIRST_SEED
  let second = SECOND_SEED
  let at = 0
  for (; at + 4 <= length; at += 4) {
    const word = scramble(bytes.readInt32LE(at))
    first = (Math.imul(rotate(first ^ word, 13), 5) + STEP) | 0
    second = (Math.imul(rotate(second ^ word, 13), 5) + STEP) | 0
  }
  if (at < length) {
    const rest = scramble(bytes.readUIntLE(at, length - at))
    first ^= rest
    second ^= rest
  }
  halves[0] = finish(first ^ length)
  halves[1] = finish(second ^ length)
}

export const FIRST_SEED = 0x6b79_6d6f
export const SECOND_SEED = 0x7365_7473

function scramble(word: number): number {
  return Math.imul(rotate(Math.imul(word, 0xcc9e_2d51), 15), 0x1b87_3593)
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35)
  return mixed ^ (mixed >>> 16)
}

const STEP = 0xe654_6b64
/** Of UTF-8, per UTF-16 unit. */
const MOST_BYTES_PER_UNIT = 3
const SCRATCH = Buffer.allocUnsafeSlow(4096)
