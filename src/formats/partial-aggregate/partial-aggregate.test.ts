import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MetricName, PartialAggregate } from '../../model/partial-aggregate.ts'
import { METRIC_TYPES } from '../../model/sample.ts'
import { checksum } from './checksum.ts'
import { DamagedPartialError, decodePartial } from './decode.ts'
import { encodePartial } from './encode.ts'
import { CRC_OFFSET } from './layout.ts'

const EMPTY: PartialAggregate = {
  intervalEndMs: 1_700_000_010_000,
  names: [],
  counters: { ids: new Uint32Array(0), sums: new Float64Array(0) },
  gauges: {
    ids: new Uint32Array(0),
    absolutes: new Float64Array(0),
    absoluteTimesMs: new Float64Array(0),
    deltas: new Float64Array(0),
  },
  timers: {
    ids: new Uint32Array(0),
    offsets: new Uint32Array(1),
    values: new Float64Array(0),
    weights: new Float64Array(0),
  },
  sets: { ids: new Uint32Array(0), offsets: new Uint32Array(1), members: [] },
}

const SMALL: PartialAggregate = {
  intervalEndMs: 1_700_000_010_000,
  names: [
    { id: 0, type: 'counter', key: 'a' },
    { id: 7, type: 'set', key: 'größe;k=v', idleSinceMs: 1_700_000_000_000 },
  ],
  counters: { ids: Uint32Array.of(0), sums: Float64Array.of(-0.5) },
  gauges: {
    ids: Uint32Array.of(1, 2),
    absolutes: Float64Array.of(-0, Number.NaN),
    absoluteTimesMs: Float64Array.of(1_700_000_000_001, 0),
    deltas: Float64Array.of(0, -3),
  },
  timers: {
    ids: Uint32Array.of(3, 4),
    offsets: Uint32Array.of(0, 2, 3),
    values: Float64Array.of(1, 2, 3),
    weights: Float64Array.of(1, 10, 1),
  },
  sets: { ids: Uint32Array.of(7), offsets: Uint32Array.of(0, 3), members: ['', '日本', '__proto__'] },
}

const id = fc.nat({ max: 0xffff_ffff })
const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const timeMs = fc.nat({ max: 2 ** 45 })
const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const name = fc
  .record({ id, type: fc.constantFrom(...METRIC_TYPES), key: text, idleSinceMs: fc.option(timeMs) })
  .map(({ idleSinceMs, ...rest }): MetricName => (idleSinceMs === null ? rest : { ...rest, idleSinceMs }))
const rows = <T>(row: fc.Arbitrary<T>) => fc.array(row, { maxLength: 8 })
const offsetsOf = (parts: readonly (readonly unknown[])[]) =>
  Uint32Array.from([0, ...parts].map((_, index) => parts.slice(0, index).flat().length))

const partial: fc.Arbitrary<PartialAggregate> = fc
  .record({
    intervalEndMs: timeMs,
    names: rows(name),
    counters: rows(fc.tuple(id, finite)),
    gauges: rows(fc.tuple(id, fc.oneof(finite, fc.constant(Number.NaN)), timeMs, finite)),
    timers: rows(fc.tuple(id, rows(fc.tuple(finite, fc.double({ min: 1, max: 1e9, noNaN: true }))))),
    sets: rows(fc.tuple(id, rows(text))),
  })
  .map(({ intervalEndMs, names, counters, gauges, timers, sets }) => {
    const events = timers.flatMap(([, values]) => values)
    return {
      intervalEndMs,
      names,
      counters: {
        ids: Uint32Array.from(counters, (row) => row[0]),
        sums: Float64Array.from(counters, (row) => row[1]),
      },
      gauges: {
        ids: Uint32Array.from(gauges, (row) => row[0]),
        absolutes: Float64Array.from(gauges, (row) => row[1]),
        absoluteTimesMs: Float64Array.from(gauges, (row) => row[2]),
        deltas: Float64Array.from(gauges, (row) => row[3]),
      },
      timers: {
        ids: Uint32Array.from(timers, (row) => row[0]),
        offsets: offsetsOf(timers.map(([, values]) => values.map(([value]) => value))),
        values: Float64Array.from(events, (event) => event[0]),
        weights: Float64Array.from(events, (event) => event[1]),
      },
      sets: {
        ids: Uint32Array.from(sets, (row) => row[0]),
        offsets: offsetsOf(sets.map(([, members]) => members)),
        members: sets.flatMap(([, members]) => members),
      },
    }
  })

describe('what is encoded', () => {
  test.each([
    ['nothing', EMPTY],
    ['a little of everything', SMALL],
  ])('is decoded as it was: %s', (_, value) => {
    expect(decodePartial(encodePartial(value))).toEqual(value)
  })

  test('is decoded as it was, wherever it lies in memory', () => {
    fc.assert(
      fc.property(partial, fc.nat({ max: 9 }), (value, shift) => {
        const bytes = encodePartial(value)
        expect(bytes.length % 8).toBe(0)
        const shifted = new Uint8Array(bytes.length + shift + 3).fill(0xee)
        shifted.set(bytes, shift)
        expect(decodePartial(shifted.subarray(shift, shift + bytes.length))).toEqual(value)
      }),
      { numRuns: 300 },
    )
  })

  test('has the bytes that docs/formats/partial-aggregate.md describes', () => {
    const value: PartialAggregate = {
      ...EMPTY,
      names: [{ id: 1, type: 'timer', key: 'ab' }],
      timers: {
        ids: Uint32Array.of(1),
        offsets: Uint32Array.of(0, 1),
        values: Float64Array.of(2),
        weights: Float64Array.of(10),
      },
    }
    const section = (code: number, ...sizes: string[]) => [`0${code}000000`, ...sizes].join(' ')
    const [none, one, two] = ['00000000', '01000000', '02000000']
    const wanted = [
      // 'KYPA', version, length, CRC, 1_700_000_010_000 as a double, sections
      '4b595041 01000000 a0000000 fc269b5d 0000f158febc7842 05000000 00000000',
      // names: never idle (NaN), id, end of its key, type, the key
      section(1, one, none, two),
      '000000000000f87f 01000000 02000000 02 6162 0000000000',
      section(2, none, none, none),
      section(3, none, none, none),
      // timers: 2 of weight 10; id, end of its values
      section(4, one, one, none),
      '0000000000000040 0000000000002440 01000000 01000000',
      section(5, none, none, none),
    ]
    expect(Buffer.from(encodePartial(value)).toString('hex')).toBe(wanted.join('').replaceAll(' ', ''))
  })
})

describe('damage', () => {
  const bytes = encodePartial(SMALL)

  test('of any length is noticed', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodePartial(bytes.subarray(0, length))).toThrow(DamagedPartialError)
    expect(() => decodePartial(Buffer.concat([bytes, Buffer.alloc(8)]))).toThrow(DamagedPartialError)
  })

  test('of any bit is noticed', () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => decodePartial(flipped)).toThrow(DamagedPartialError)
    }
  })

  test('by chance never does worse than throw DamagedPartialError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        expect(() => decodePartial(noise)).toThrow(DamagedPartialError)
      }),
      { numRuns: 300 },
    )
  })

  test('on purpose, with a right checksum, never does worse either', () => {
    const edit = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff))
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        const forged = forge(bytes, ...edits)
        try {
          // What is accepted is sound: it can be written again, as large as it was.
          expect(encodePartial(decodePartial(forged))).toHaveLength(forged.length)
        } catch (error) {
          expect(error).toBeInstanceOf(DamagedPartialError)
        }
      }),
      { numRuns: 500 },
    )
  })

  // Offsets into SMALL: header 0, names 32, counters 96, gauges 128, timers 200, sets 280.
  test.each<[string, ...[number, number][]]>([
    ['version', [4, 2]],
    ['zero', [6, 1]],
    ['interval end', [23, 0xff]],
    ['number of sections', [24, 4]],
    ['section of names is missing', [32, 9]],
    ['way not known', [33, 1]],
    ['cut short', [36, 0xff], [37, 0xff], [38, 0xff], [39, 0xff]],
    ['cut short', [44, 0xff], [45, 0xff], [46, 0xff], [47, 0xff]],
    ['no items', [40, 1]],
    ['idle time', [63, 0xff]],
    ['do not fill', [76, 99]],
    ['before it begins', [72, 99]],
    ['no metric type', [80, 4]],
    ['UTF-8', [85, 0xff]],
    ['cut in two', [72, 4]],
    ['sum is not finite', [118, 0xf0], [119, 0x7f]],
    ['weight', [255, 0xbf]],
  ])('is told apart: %s', (reason, ...edits) => {
    expect(() => decodePartial(forge(bytes, ...edits))).toThrow(reason)
  })

  function forge(original: Uint8Array, ...edits: readonly [number, number][]): Uint8Array {
    const forged = original.slice()
    for (const [offset, byte] of edits) forged[offset] = byte
    new DataView(forged.buffer).setUint32(CRC_OFFSET, checksum(forged), true)
    return forged
  }
})
