import type { Random } from '../random.ts'

/** Does to bytes what a broken client, a broken network and somebody who means harm do; one to four times. */
export function mutate(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  let mutated = bytes
  do mutated = random.pick(MUTATIONS)(random, mutated, other)
  while (random.chance(0.4))
  return mutated
}

type Mutation = (random: Random, bytes: Uint8Array, other: Uint8Array) => Uint8Array

const MUTATIONS: readonly Mutation[] = [
  flipBits,
  (random, bytes) => bytes.subarray(0, placeIn(random, bytes)), // Cut short.
  (random, bytes) => bytes.subarray(placeIn(random, bytes)), // Its beginning is missing.
  (random, bytes, other) =>
    Buffer.concat([bytes.subarray(0, placeIn(random, bytes)), other.subarray(placeIn(random, other))]),
  (random, bytes) => insert(random, bytes, Buffer.from(random.pick(TOKENS))),
  (random, bytes) => insert(random, bytes, Buffer.from(random.pick(TOKENS))),
  (random, bytes) => insert(random, bytes, random.pick(INVALID_UTF8)),
  (random, bytes) => insert(random, bytes, Uint8Array.of(random.below(32))),
  (random, bytes) => insert(random, bytes, Uint8Array.of(random.below(256))),
  repeatSeparator,
  lengthenNumber,
  removeRange,
  doubleRange,
  (random, bytes) => {
    const copy = Uint8Array.from(bytes)
    if (copy.length > 0) copy[random.below(copy.length)] = random.below(256)
    return copy
  },
]

function placeIn(random: Random, bytes: Uint8Array): number {
  return random.below(bytes.length + 1)
}

function insert(random: Random, bytes: Uint8Array, piece: Uint8Array): Uint8Array {
  const at = placeIn(random, bytes)
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
}

function flipBits(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  for (let flips = random.between(1, 4); flips > 0 && copy.length > 0; flips--) {
    const at = random.below(copy.length)
    copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8))
  }
  return copy
}

/** A separator that is there, over and over. */
function repeatSeparator(random: Random, bytes: Uint8Array): Uint8Array {
  const places = [...bytes.keys()].filter((at) => SEPARATORS.includes(bytes[at] ?? 0))
  if (places.length === 0) return bytes
  const at = random.pick(places)
  const count = random.chance(0.05) ? 2_000 : random.between(1, 8)
  const more = Buffer.alloc(count, bytes[at])
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
}

function lengthenNumber(random: Random, bytes: Uint8Array): Uint8Array {
  const at = bytes.findIndex((byte) => byte >= ZERO && byte <= NINE)
  if (at < 0) return bytes
  const digits = Buffer.alloc(random.pick([3, 17, 30, 320, 3_000]), ZERO + random.below(10))
  return Buffer.concat([bytes.subarray(0, at), digits, bytes.subarray(at)])
}

function removeRange(random: Random, bytes: Uint8Array): Uint8Array {
  const start = placeIn(random, bytes)
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + random.between(1, 8))])
}

function doubleRange(random: Random, bytes: Uint8Array): Uint8Array {
  const start = placeIn(random, bytes)
  const end = Math.min(bytes.length, start + random.between(1, 40))
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)])
}

const ZERO = 0x30
const NINE = 0x39
const SEPARATORS = Buffer.from(':|@#,;=[]. {}')

const TOKENS = [
  ':',
  '|',
  '@',
  '#',
  '|#',
  '|@',
  '|T',
  '|c:',
  ',',
  ';',
  '=',
  '[',
  ']',
  '{',
  '}',
  '.',
  '/',
  '+',
  '-',
  ' ',
  '\t',
  '\r',
  '\0',
  '\u007f',
  '\u0085',
  '\ufeff',
  '\u202e',
  '\u2028',
  '💥',
  '1e999',
  'NaN',
  '__proto__',
  '%s%n',
  '\u001b[2J',
]

const INVALID_UTF8 = [
  [0x80],
  [0xff],
  [0xc0, 0x80], // NUL in two bytes
  [0xc3], // the first half of a letter
  [0xe2, 0x82],
  [0xed, 0xa0, 0x80], // half of a surrogate pair
  [0xf0, 0x9f, 0x92],
  [0xf4, 0x90, 0x80, 0x80], // beyond Unicode
  [0xf8, 0x88, 0x80, 0x80, 0x80],
].map((bytes) => Uint8Array.from(bytes))
