import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../../test/harness/runs.ts'
import { encodeGroup, GroupDecoder, type Chunk } from './chunk-group.ts'
import { DamagedBytes } from './damaged-bytes.ts'

const START_MS = 1_700_000_000_000

function chunkOf(values: readonly number[], stepMs = 10_000): Chunk {
  return {
    timesMs: Float64Array.from(values, (_, index) => START_MS + index * stepMs),
    values: Float64Array.from(values),
  }
}

function decode(bytes: Uint8Array): Chunk[] {
  const chunks: Chunk[] = []
  new GroupDecoder().decode(bytes, ({ timesMs, values }) =>
    chunks.push({ timesMs: timesMs.slice(), values: values.slice() }),
  )
  return chunks
}

function expectSame(found: readonly Chunk[], expected: readonly Chunk[]): void {
  // `toEqual` tells -0 from 0, and takes NaN for itself.
  expect(found.map(({ timesMs }) => [...timesMs])).toEqual(expected.map(({ timesMs }) => [...timesMs]))
  expect(found.map(({ values }) => [...values])).toEqual(expected.map(({ values }) => [...values]))
}

const many = (count: number, valueAt: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, index) => valueAt(index))

describe('comes back to the bit', () => {
  test.each<[string, number[]]>([
    ['one value', [17.25]],
    [
      'the ends of what a double can say',
      [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, -Number.MIN_VALUE, 0, -0],
    ],
    ['zeros of both signs', many(500, (index) => (index % 7 === 0 ? -0 : 0))],
    ['nothing but -0', many(50, () => -0)],
    [
      'not a number, and infinities',
      [1, Number.NaN, 2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
    ],
    ['integers at the end of what is exact', many(100, (index) => 2 ** 53 - index * 3)],
    ['integers that jump across all of it', many(100, (index) => (index % 2 === 0 ? 2 ** 51 : -(2 ** 51)))],
    ['integers that jump further and further', many(50, (index) => (-2) ** index)],
    ['decimals', many(1_000, (index) => Number((Math.sin(index) * 40).toFixed(2)))],
    ['decimals of 15 digits', many(1_000, (index) => Number((Math.sin(index) / 3).toFixed(15)))],
    ['decimals of 17 digits', many(1_000, (index) => Math.sin(index) / 3)],
    [
      'decimals, and few that are none',
      many(1_000, (index) => (index % 100 === 0 ? Math.PI * index : index / 10)),
    ],
    ['none at first, then decimals', many(200, (index) => (index < 9 ? Math.PI * (index + 1) : index / 10))],
    ['tiny and huge decimals', many(300, (index) => Number(`${index + 1}e${(index % 40) - 20}`))],
    ['multiples of a page', many(500, (index) => 4_096 * ((index * 7_919) % 1_000))],
    ['a counter', many(2_000, (index) => index * 12_345 + (index % 3))],
    ['few values', many(3_000, (index) => [0.1, 7, -3.5, 1e300][(index * index) % 4] as number)],
    ['many values that come again', many(4_000, (index) => 1 / (1 + ((index * 7_919) % 700)))],
    [
      'more than a byte counts, not from the least on',
      many(4_000, (index) => Math.fround(Math.cos(index % 400))),
    ],
    ['bits without order', many(600, (index) => Math.sin(index * 1e5) * 10 ** ((index % 600) - 300))],
  ])('%s', (_, values) => {
    expectSame(decode(encodeGroup([chunkOf(values)])), [chunkOf(values)])
  })

  test.each<[string, number[]]>([
    ['without regularity', many(300, (index) => START_MS + index * 1_000 + ((index * 7_919) % 997))],
    ['with a gap', many(300, (index) => START_MS + index * 1_000 + (index > 100 ? 86_400_000 : 0))],
    ['before 1970', many(30, (index) => -5_000 + index * 1_000)],
    ['at both ends of time', [-8_640_000_000_000_000, 0, 8_640_000_000_000_000]],
    ['between milliseconds', [0.25, 0.5, 1e300]],
  ])('times %s', (_, times) => {
    const chunk = { timesMs: Float64Array.from(times), values: Float64Array.from(times.keys()) }
    expectSame(decode(encodeGroup([chunk])), [chunk])
  })

  test('any doubles, at any times, in any company', () => {
    const value = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.constantFrom(0, -0, 0.1, 1e21, 123_456.789),
      fc
        .tuple(fc.maxSafeInteger(), fc.nat(20))
        .map(([integer, decimals]) => Number(`${integer}e-${decimals}`)),
    )
    const values = fc.oneof(
      fc.array(value, { minLength: 1, maxLength: 80 }),
      // A few values over and over.
      fc
        .tuple(
          fc.array(value, { minLength: 1, maxLength: 6 }),
          fc.array(fc.nat(5), { minLength: 1, maxLength: 200 }),
        )
        .map(([table, places]) => places.map((place) => table[place % table.length] as number)),
      // Steps of one kind.
      fc
        .tuple(
          fc.integer(),
          fc.integer({ min: -1_000, max: 1_000 }),
          fc.nat(9),
          fc.integer({ min: 1, max: 300 }),
        )
        .map(([first, step, decimals, count]) =>
          many(count, (index) => (first + step * index) / 10 ** decimals),
        ),
    )
    const chunk = fc
      .tuple(values, fc.boolean(), fc.integer({ min: 1, max: 1e6 }))
      .map(([column, isRegular, seed]) => {
        const { timesMs, values: own } = chunkOf(column)
        let drift = 0
        if (!isRegular)
          for (const index of timesMs.keys()) timesMs[index]! += drift += (seed * (index + 1)) % 977
        return { timesMs, values: own }
      })
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 8 }), (chunks) => {
        expectSame(decode(encodeGroup(chunks)), chunks)
      }),
      { numRuns: runs(400) },
    )
  })
})

describe('bytes that are no group', () => {
  const whole = encodeGroup([
    chunkOf(many(300, (index) => index / 10)),
    chunkOf(many(300, (index) => Math.sin(index) / 3)),
    chunkOf(many(300, (index) => [1, 2.5, 1e9][index % 3] as number)),
    chunkOf(many(900, (index) => 1 / (1 + ((index * 7_919) % 97)))),
    { ...chunkOf([5, 5, 5, 6]), timesMs: Float64Array.of(1, 3, 4, 9) },
  ]).slice()

  /** True if it decoded. Anything thrown but DamagedBytes is thrown on. */
  function decodes(bytes: Uint8Array): boolean {
    try {
      decode(bytes)
      return true
    } catch (error) {
      if (error instanceof DamagedBytes) return false
      throw error
    }
  }

  test('cut off anywhere are damaged', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(decodes(whole.subarray(0, length)), `${length} bytes`).toBe(false)
    }
    expect(decodes(whole)).toBe(true)
    expect(decodes(Buffer.concat([whole, Buffer.of(0)]))).toBe(false)
  })

  test('with any byte changed give numbers or say that they are damaged, and nothing else', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (place, byte) => {
        const changed = whole.slice()
        changed[place] = byte
        decodes(changed)
      }),
      { numRuns: runs(3_000) },
    )
  })

  test('of anybody do no harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodes(bytes)
      }),
      { numRuns: runs(3_000) },
    )
  })

  test('that speak of more than there can be are refused before memory is taken', () => {
    // One chunk, more points than a group has.
    expect(decodes(Uint8Array.of(1, 0xff, 0xff, 0xff, 0x7f))).toBe(false)
    // A stream of four gigabytes of one byte.
    expect(decodes(Uint8Array.of(1, 1, 3, 0xff, 0xff, 0xff, 0xff, 0x0f, 7))).toBe(false)
  })
})

// The format, frozen: what an earlier Kymo wrote is read by every later one.
describe('vectors', () => {
  test.each<[string, string, Chunk[]]>([
    [
      'a constant, decimals',
      '0206011b030100008056febc784201a09c0102010e03000202ac0219000221000102100001010000000000000000000000',
      [chunkOf([7, 7, 7]), chunkOf([1.5, 1.25, -3])],
    ],
    [
      'irregular times, planes',
      '0104010c0402000000000000f03f030001030401080000000001040000559c01040000557501040000550001040000558801040000553c' +
        '0104000055e401040000d537010400803f7e',
      [{ timesMs: Float64Array.of(1, 3, 4, 9), values: Float64Array.of(0, -0, 1 / 3, 1e300) }],
    ],
    [
      'packed tokens',
      '01640116640100008056febc784201a09c0163020100010003000002632128b52ffd2063c500007802040404130414130404131404130402' +
        '004b130118a803010bb95c2e97cbe572b95c2e0700000000000000000000',
      [chunkOf(many(100, (index) => ((index * index) % 17) / 10))],
    ],
    [
      'small residuals, as bytes',
      '01640116640100008056febc784201a09c01630201000100070000000002632128b52ffd2063c5000078020404041d04261d04041d26041d0402004b130118a803000000000000000000',
      [chunkOf(many(100, (index) => ((index * index) % 17) / 10))],
    ],
    [
      'a counter',
      '01500118500100008056febc784201a09c014f020000010002eec00100024f1228b52ffd204f4d000018030300010029ea86000000000000' +
        '0000000000',
      [chunkOf(many(80, (index) => index * 12_345 + (index % 3)))],
    ],
    [
      'few values',
      '01280113280100008056febc784201a09c01270505030000000002281428b52ffd20285d0000280402000301010040162d0001059a005500' +
        '0001059900550000010599005500000105990055000001059900550000010599005500000105c9d0d5e0f003053f',
      [chunkOf(many(40, (index) => 1 / (1 + ((index * 7) % 5))))],
    ],
  ])('%s', (_, hex, chunks) => {
    expectSame(decode(Buffer.from(hex, 'hex')), chunks)
  })
})
