import { describe, expect, test } from 'vitest'
import { decodeSnappy, encodeSnappy } from './snappy.ts'

const MOST = 1_000_000

function* sequence(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

test.each([0, 1, 4, 5, 59, 60, 61, 255, 256, 257, 65_535, 65_536, 65_537, 200_000])(
  '%i bytes come back, whether they repeat or not',
  (length) => {
    for (const different of [1, 3, 256]) {
      const random = sequence(length + different)
      const bytes = Uint8Array.from({ length }, () => random.next().value * different)
      expect(Buffer.compare(decoded(encodeSnappy(bytes)), bytes)).toBe(0)
    }
  },
)

test('what repeats becomes short', () => {
  expect(encodeSnappy(Buffer.from('kymo_received_lines_total '.repeat(1_000))).length).toBeLessThan(2_000)
})

// As other encoders write them.
test.each([
  ['a literal', [3, 0x08, 97, 98, 99], 'abc'],
  ['a literal with its length behind the tag', [3, 0xf0, 2, 97, 98, 99], 'abc'],
  ['a literal with its length in four bytes', [3, 0xfc, 2, 0, 0, 0, 97, 98, 99], 'abc'],
  ['a copy that overlaps, its offset in one byte', [9, 0x04, 97, 98, 0x0d, 2], 'ababababa'],
  ['a copy with its offset in two bytes', [6, 0x08, 97, 98, 99, 0x0a, 3, 0], 'abcabc'],
  ['a copy with its offset in four bytes', [6, 0x08, 97, 98, 99, 0x0b, 3, 0, 0, 0], 'abcabc'],
])('%s', (_, block, text) => {
  expect(decoded(Uint8Array.from(block)).toString()).toBe(text)
})

describe('damage is told', () => {
  test.each([
    ['nothing', []],
    ['a length without an end', [0xff]],
    ['a length of too many bytes', [0xff, 0xff, 0xff, 0xff, 0xff, 1]],
    ['a literal that is cut', [3, 0x08, 97]],
    ['a literal beyond the length', [1, 0x08, 97, 98, 99]],
    ['a literal of four gigabytes', [3, 0xfc, 0xff, 0xff, 0xff, 0xff, 97]],
    ['a copy from before the start', [8, 0x00, 97, 0x0d, 2]],
    ['a copy from nowhere', [8, 0x00, 97, 0x0d, 0]],
    ['a copy beyond the length', [3, 0x04, 97, 98, 0x0d, 2]],
    ['a copy that is cut', [8, 0x00, 97, 0x0a, 1]],
    ['less than the length', [9, 0x08, 97, 98, 99]],
    ['a length that so few bytes cannot come to', [0xff, 0xff, 0x0f, 0x00, 97]],
  ])('%s', (_, block) => {
    expect(decodeSnappy(Uint8Array.from(block), MOST)).toMatchObject({ isTooLarge: false })
  })

  test('more than is wanted', () => {
    const bomb = encodeSnappy(new Uint8Array(MOST + 1))
    expect(bomb.length).toBeLessThan(60_000)
    expect(decodeSnappy(bomb, MOST)).toEqual({
      problem: 'it comes to 1000001 bytes, more than 1000000',
      isTooLarge: true,
    })
  })

  test('whatever is changed or cut, it says so or gives as many bytes as it said', () => {
    const random = sequence(7)
    const block = encodeSnappy(Buffer.from('one two one two three one two '.repeat(20)))
    for (let times = 0; times < 3_000; times++) {
      const damaged = block.slice(
        0,
        random.next().value < 0.3 ? random.next().value * block.length : undefined,
      )
      for (let changes = 0; changes < 3; changes++)
        if (damaged.length > 0)
          damaged[Math.floor(random.next().value * damaged.length)] = random.next().value * 256
      const result = decodeSnappy(damaged, 10_000)
      if (!('problem' in result)) expect(result.length).toBeLessThanOrEqual(10_000)
    }
  })
})

function decoded(block: Uint8Array): Buffer {
  const result = decodeSnappy(block, MOST)
  if ('problem' in result) throw new Error(result.problem)
  return Buffer.from(result)
}
