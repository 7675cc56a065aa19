import { expect, test } from 'vitest'
import { Random } from '../../../test/harness/random.ts'
import { decodeColumns } from './decode-columns.ts'
import { encodeColumns } from './encode-columns.ts'
import type { PointColumns } from './point-columns.ts'

const COLUMNS: PointColumns = {
  series: [
    { key: 'a.b', points: 2, rollup: 'max' },
    { key: 'größe;dc=fra;env=prod', points: 0, rollup: undefined },
    { key: 'c', points: 1, rollup: 'last' },
  ],
  timesMs: Float64Array.of(1_000, 2_000, 1_500),
  values: Float64Array.of(-0, 1e308, 0.1),
}

test('columns come back as they were', () => {
  expect(decodeColumns(encodeColumns(COLUMNS))).toEqual(COLUMNS)
  expect(
    decodeColumns(encodeColumns({ series: [], timesMs: new Float64Array(), values: new Float64Array() })),
  ).toEqual({ series: [], timesMs: new Float64Array(), values: new Float64Array() })
})

test('they may lie anywhere in memory', () => {
  const bytes = encodeColumns(COLUMNS)
  const shifted = new Uint8Array(bytes.length + 3)
  shifted.set(bytes, 3)
  expect(decodeColumns(shifted.subarray(3))).toEqual(COLUMNS)
})

function changed(change: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = encodeColumns(COLUMNS)
  change(new DataView(bytes.buffer), bytes)
  return bytes
}

const END = encodeColumns(COLUMNS).length

test.each([
  ['nothing', new Uint8Array(), 'it does not begin with "KYMO PTS"'],
  ['text', Buffer.from('a.b 1 1700000000\n'), 'it does not begin with "KYMO PTS"'],
  ['another version', changed((view) => view.setUint32(8, 2, true)), 'it is of version 2, and 1 is known'],
  [
    'one byte less',
    encodeColumns(COLUMNS).subarray(0, -1),
    `it is ${END - 1} bytes long, and says that it is ${END}`,
  ],
  ['absurdly many points', changed((view) => view.setUint32(16, 0xffffffff, true)), 'bytes long, and says'],
  ['absurdly many series', changed((view) => view.setUint32(12, 0xffffffff, true)), 'bytes long, and says'],
  ['names that are not padded', changed((view) => view.setUint32(20, 31, true)), 'bytes long, and says'],
  ['a name beyond the names', changed((view) => view.setUint16(28, 60_000, true)), 'series 0 goes on beyond'],
  ['points of nobody', changed((view) => view.setUint32(24, 1, true)), 'it has 3 points, and its series 2'],
  ['bytes that are no UTF-8', changed((_, bytes) => bytes.set([0xff], 48)), undefined],
  ['half a millisecond', changed((view) => view.setFloat64(END - 48, 0.5, true)), 'point 0 has the time 0.5'],
  ['no time', changed((view) => view.setFloat64(END - 48, Number.NaN, true)), 'point 0 has the time NaN'],
  ['a time before 1970', changed((view) => view.setFloat64(END - 48, -1, true)), 'point 0 has the time -1'],
  ['no value', changed((view) => view.setFloat64(END - 8, Number.NaN, true)), 'point 2 has the value NaN'],
  [
    'no end',
    changed((view) => view.setFloat64(END - 8, Number.POSITIVE_INFINITY, true)),
    'has the value Infinity',
  ],
])('%s is refused in words', (_what, bytes, problem) => {
  const decoded = decodeColumns(bytes)
  if (problem === undefined)
    expect(decoded).toMatchObject({ series: [{ key: expect.stringContaining('\ufffd') as string }, {}, {}] })
  else expect(decoded).toEqual({ problem: expect.stringContaining(problem) as string })
})

test('whatever comes, reading it ends well', () => {
  const random = new Random(11)
  for (let round = 0; round < 3_000; round++) {
    const bytes = encodeColumns(COLUMNS)
    for (let changes = random.between(1, 4); changes > 0; changes--)
      bytes[random.below(bytes.length)] = random.below(256)
    const decoded = decodeColumns(bytes)
    if ('problem' in decoded) continue
    expect(decoded.timesMs).toHaveLength(decoded.series.reduce((sum, { points }) => sum + points, 0))
  }
})
