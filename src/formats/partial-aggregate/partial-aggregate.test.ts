import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../test/harness/runs.ts'
import { type MetricName, type PartialAggregate, toNameColumns } from '../../model/partial-aggregate.ts'
import { METRIC_TYPES } from '../../model/sample.ts'
import { NO_SET_REGISTERS, REGISTER_COUNT, toSetRegisterColumns } from '../../model/set-registers.ts'
import {
  NO_TIMER_SKETCHES,
  type SketchBuckets,
  type TimerSketch,
  toTimerSketchColumns,
} from '../../model/timer-sketch.ts'
import { checksum } from './checksum.ts'
import { DamagedPartialError } from './damage.ts'
import { decodePartial } from './decode.ts'
import { encodePartial } from './encode.ts'
import { CRC_OFFSET } from './layout.ts'

const EMPTY: PartialAggregate = {
  intervalEndMs: 1_700_000_010_000,
  names: toNameColumns([]),
  counters: { ids: new Uint32Array(0), sums: new Float64Array(0) },
  gauges: {
    ids: new Uint32Array(0),
    absolutes: new Float64Array(0),
    absoluteTimesMs: new Float64Array(0),
    deltas: new Float64Array(0),
  },
  timers: { ids: new Uint32Array(0), values: new Float64Array(0), weights: new Float64Array(0) },
  timerSketches: NO_TIMER_SKETCHES,
  sets: { ids: new Uint32Array(0), offsets: new Uint32Array(1), members: [] },
  setRegisters: NO_SET_REGISTERS,
}

/** One value of -1, one of 3 with the weight 10. */
const SKETCH: TimerSketch = {
  isWeighted: true,
  valueCount: 2,
  weightedCount: 11,
  sum: 29,
  sumSquares: 91,
  squaredDifferences: 160 / 11,
  lower: -1,
  upper: 3,
  scale: 5,
  zeroWeight: 0,
  negative: { first: -1, weights: Float64Array.of(1) },
  positive: { first: 50, weights: Float64Array.of(10) },
}

const SMALL: PartialAggregate = {
  intervalEndMs: 1_700_000_010_000,
  names: toNameColumns([
    { id: 0, type: 'counter', key: 'a' },
    { id: 7, type: 'set', key: 'größe;k=v', idleSinceMs: 1_700_000_000_000 },
  ]),
  counters: { ids: Uint32Array.of(0), sums: Float64Array.of(-0.5) },
  gauges: {
    ids: Uint32Array.of(1, 2),
    absolutes: Float64Array.of(-0, Number.NaN),
    absoluteTimesMs: Float64Array.of(1_700_000_000_001, 0),
    deltas: Float64Array.of(0, -3),
  },
  timers: {
    ids: Uint32Array.of(3, 4, 3),
    values: Float64Array.of(1, 2, 3),
    weights: Float64Array.of(1, 10, 1),
  },
  timerSketches: toTimerSketchColumns([[3, SKETCH]]),
  sets: { ids: Uint32Array.of(7), offsets: Uint32Array.of(0, 3), members: ['', '日本', '__proto__'] },
  setRegisters: NO_SET_REGISTERS,
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

const weight = fc.double({ min: 1, max: 1e9, noNaN: true })
const total = fc.double()
const scale = fc.integer({ min: -2, max: 5 })
const run = fc
  .array(weight, { maxLength: 4 })
  .chain((weights) =>
    fc
      .integer(weights.length === 0 ? { min: 0, max: 0 } : { min: -400, max: 200 })
      .map((first): SketchBuckets => ({ first: first >> 1, weights: Float64Array.from(weights) })),
  )
const sketch: fc.Arbitrary<TimerSketch> = fc
  .record({
    isWeighted: fc.boolean(),
    valueCount: fc.maxSafeNat().map((count) => Math.max(count, 1)),
    weightedCount: weight,
    sum: total,
    sumSquares: total.map(Math.abs),
    squaredDifferences: total.map(Math.abs),
    range: fc.tuple(finite, finite),
    scale,
    zeroWeight: weight,
    negative: run,
    positive: run,
  })
  .map(({ range, ...rest }) => ({ ...rest, lower: Math.min(...range), upper: Math.max(...range) }))
const registers = fc
  .array(fc.tuple(fc.nat({ max: REGISTER_COUNT - 1 }), fc.nat({ max: 51 })), { maxLength: 5 })
  .map((raised) => {
    const all = new Uint8Array(REGISTER_COUNT)
    for (const [register, value] of raised) all[register] = value
    return all
  })

const partial: fc.Arbitrary<PartialAggregate> = fc
  .record({
    intervalEndMs: timeMs,
    names: rows(name),
    counters: rows(fc.tuple(id, finite)),
    gauges: rows(fc.tuple(id, fc.oneof(finite, fc.constant(Number.NaN)), timeMs, finite)),
    timers: rows(fc.tuple(id, finite, weight)),
    timerSketches: rows(fc.tuple(id, sketch)),
    sets: rows(fc.tuple(id, rows(text))),
    setRegisters: fc.array(fc.tuple(id, registers), { maxLength: 2 }),
  })
  .map(({ intervalEndMs, names, counters, gauges, timers, timerSketches, sets, setRegisters }) => {
    return {
      intervalEndMs,
      names: toNameColumns(names),
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
        values: Float64Array.from(timers, (row) => row[1]),
        weights: Float64Array.from(timers, (row) => row[2]),
      },
      timerSketches: toTimerSketchColumns(timerSketches),
      sets: {
        ids: Uint32Array.from(sets, (row) => row[0]),
        offsets: offsetsOf(sets.map(([, members]) => members)),
        members: sets.flatMap(([, members]) => members),
      },
      setRegisters: toSetRegisterColumns(setRegisters),
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
      { numRuns: runs(300) },
    )
  })

  test('has the bytes that docs/formats/partial-aggregate.md describes', () => {
    const value: PartialAggregate = {
      ...EMPTY,
      names: toNameColumns([{ id: 1, type: 'timer', key: 'ab' }]),
      timers: { ids: Uint32Array.of(1), values: Float64Array.of(2), weights: Float64Array.of(10) },
      timerSketches: toTimerSketchColumns([[1, SKETCH]]),
    }
    expect(Buffer.from(encodePartial(value)).toString('hex')).toBe(exampleOfThePage())
  })

  /** The hexadecimal digits of its last block, whose lines are `offset  digits   explanation`. */
  function exampleOfThePage(): string {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/formats/partial-aggregate.md'), 'utf8')
    const lines = page.split('```').at(-2)?.trim().split('\n') ?? []
    return lines.map((line) => /^ *\d+ +(\S+( \S+)*)/.exec(line)?.[1]?.replaceAll(' ', '')).join('')
  }
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
      { numRuns: runs(300) },
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
      { numRuns: runs(500) },
    )
  })

  // Offsets into SMALL: header 0, names 32, counters 96, gauges 128, timers 200, sets 280, timer sketches 336, set registers 456.
  test.each<[string, ...[number, number][]]>([
    ['it is of version 1, and this Kymo reads version 2', [4, 1]],
    ['zero', [6, 1]],
    ['interval end', [23, 0xff]],
    ['number of sections', [24, 5]],
    ['section of names is missing', [32, 9]],
    ['way not known', [33, 1]],
    ['cut short', [36, 0xff], [37, 0xff], [38, 0xff], [39, 0xff]],
    ['cut short', [44, 0xff], [45, 0xff], [46, 0xff], [47, 0xff]],
    ['no items', [40, 1]],
    ['idle time', [63, 0xff]],
    ['do not fill', [76, 99]],
    ['before it begins', [72, 99]],
    ['no such metric type', [80, 4]],
    ['UTF-8', [85, 0xff]],
    ['cut in two', [72, 4]],
    ['sum is not finite', [118, 0xf0], [119, 0x7f]],
    ['weight', [255, 0xbf]],
    ['number of values', [359, 0]],
    ['weight', [367, 0xc0]],
    ['sum of squares', [383, 0xc0]],
    ['sum of squares', [391, 0xc0]],
    ['range of values', [407, 0xc0]],
    ['bucket has no weight', [423, 0xbf]],
    ['no such buckets', [436, 0], [437, 0], [438, 0], [439, 0x80]],
    ['no such buckets', [443, 0x7f]],
    ['before it begins', [444, 9]],
    ['do not fill', [448, 1]],
    ['no such scale', [452, 6]],
    ['no such scale', [452, 0xfd]],
    ['flag', [453, 2]],
    ['sketch is empty', [422, 0], [423, 0], [430, 0], [431, 0]],
  ])('is told apart: %s', (reason, ...edits) => {
    expect(() => decodePartial(forge(bytes, ...edits))).toThrow(reason)
  })

  test('is told apart: more buckets than a sketch ever has, a register too high', () => {
    const long = { first: -512, weights: new Float64Array(1025).fill(1) }
    const registerOf = (value: number) => new Uint8Array(REGISTER_COUNT).fill(value, 7, 8)
    const cases: [Partial<PartialAggregate>, string][] = [
      [{ timerSketches: toTimerSketchColumns([[1, { ...SKETCH, positive: long }]]) }, 'no such buckets'],
      [{ setRegisters: toSetRegisterColumns([[1, registerOf(52)]]) }, 'register is too high'],
    ]
    for (const [part, reason] of cases)
      expect(() => decodePartial(encodePartial({ ...EMPTY, ...part }))).toThrow(reason)
    expect(
      decodePartial(encodePartial({ ...EMPTY, setRegisters: toSetRegisterColumns([[1, registerOf(51)]]) })),
    ).toEqual({ ...EMPTY, setRegisters: toSetRegisterColumns([[1, registerOf(51)]]) })
  })

  function forge(original: Uint8Array, ...edits: readonly [number, number][]): Uint8Array {
    const forged = original.slice()
    for (const [offset, byte] of edits) forged[offset] = byte
    new DataView(forged.buffer).setUint32(CRC_OFFSET, checksum(forged), true)
    return forged
  }
})
