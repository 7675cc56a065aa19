import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyTable } from '../../lib/key-table.ts'
import type { Point } from '../../model/point.ts'
import { graphitePlaintextFormat } from './graphite-plaintext-format.ts'
import { KnownNames } from './known-names.ts'

const NOW_MS = 1_700_000_000_500
const format = graphitePlaintextFormat

/** Points of all lines, as a listener has them taken; and how many were never decoded. */
function take(text: string, names?: KnownNames): { points: Point[]; takenCount: number } {
  const points: Point[] = []
  const keys: string[] = []
  const table = new KeyTable()
  const addNumbered = (number: number, timeMs: number, value: number) =>
    void points.push({ key: keys[number] ?? '', timeMs, value })
  const known = names ?? new KnownNames({ addNumbered, keys: table })
  known.receivedAt(NOW_MS)
  const bytes = Buffer.from(text)
  let takenCount = 0
  for (let start = 0; start < bytes.length; ) {
    start = known.take(bytes, start, bytes.length)
    takenCount += known.takenCount
    if (start >= bytes.length) break
    const found = bytes.indexOf(10, start)
    const end = found < 0 ? bytes.length : found
    const lineEnd = bytes[end - 1] === 13 && end > start ? end - 1 : end
    known.decoding()
    let isAccepted = false
    if (lineEnd > start && lineEnd - start <= format.maxLineBytes)
      isAccepted =
        format.decodeLine(bytes, start, lineEnd, NOW_MS, {
          packet: () => undefined,
          event: () => undefined,
          sample: () => expect.unreachable('a point is no sample'),
          point(point) {
            points.push({ ...point })
            if (!keys.includes(point.key)) {
              keys.push(point.key)
              table.use(Buffer.from(point.key))
            }
            known.isNumber(keys.indexOf(point.key))
          },
        }) === undefined
    if (isAccepted) known.decoded(bytes, start, end)
    start = end + 1
  }
  return { points, takenCount }
}

/** The same by the decoder alone. */
function decode(text: string): Point[] {
  return text.split('\n').flatMap((line) => take(line).points)
}

test('lines whose name came before are not decoded', () => {
  const text =
    'a.b 1 1700000000\na.b -2.5e1 1700000010\nc;t=1 3 1700000000\na.b 4 1700000020\nc;t=1 5 1700000010\n'
  expect(take(text)).toEqual({
    takenCount: 3,
    points: [
      { key: 'a.b', value: 1, timeMs: 1_700_000_000_000 },
      { key: 'a.b', value: -25, timeMs: 1_700_000_010_000 },
      { key: 'c;t=1', value: 3, timeMs: 1_700_000_000_000 },
      { key: 'a.b', value: 4, timeMs: 1_700_000_020_000 },
      { key: 'c;t=1', value: 5, timeMs: 1_700_000_010_000 },
    ],
  })
})

test('a name that is written otherwise than its key is known by both', () => {
  const lines = ['c;z=1;b=2', 'c;b=2;z=1', 'a', 'c;z=1;b=2', 'a', 'c;b=2;z=1'].map(
    (name, index) => `${name} ${index} 1700000000\n`,
  )
  const { points, takenCount } = take(lines.join(''))
  expect(takenCount).toBe(3)
  expect(points.map(({ key, value }) => [key, value])).toEqual([
    ['c;b=2;z=1', 0],
    ['c;b=2;z=1', 1],
    ['a', 2],
    ['c;b=2;z=1', 3],
    ['a', 4],
    ['c;b=2;z=1', 5],
  ])
})

test('a series that came by another way is decoded once', () => {
  const taken: number[] = []
  const keys = new KeyTable()
  for (const key of ['by.another', 'too']) keys.use(Buffer.from(key))
  const known = new KnownNames({ addNumbered: (number) => void taken.push(number), keys })
  known.receivedAt(NOW_MS)
  const line = Buffer.from('too 1 1700000000\n')
  expect(known.take(line, 0, line.length)).toBe(0)
  known.decoding()
  known.isNumber(1)
  known.decoded(line, 0, line.length - 1)
  const other = Buffer.from('by.another 1 1700000000\n')
  expect(known.take(other, 0, other.length)).toBe(0)
  expect(known.take(line, 0, line.length)).toBe(line.length)
  expect(taken).toEqual([1])
})

test('what is no plain point is left to the decoder', () => {
  for (const rest of [
    '1 -1',
    '1 1700000000.5',
    '1  1700000000',
    '1\t1700000000',
    'nan 1700000000',
    '1 1800000000',
    '1 0',
    '1 1700000000 x',
    '1 1700000000\r',
    `${'1'.repeat(70_000)} 1700000000`,
    '1',
    '',
  ]) {
    expect(take(`a 1 1700000000\na ${rest}\n`).takenCount).toBe(0)
  }
  expect(take('a 1 1700000000\na 1 1700000000').takenCount).toBe(0)
})

test('many names, each under its number, and none after they were forgotten', () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => `servers.web${index}.load ${index} 1700000000\n`)
  const { points, takenCount } = take(lines.join('') + lines.join(''))
  expect(takenCount).toBe(5_000)
  expect(points.slice(5_000)).toEqual(points.slice(0, 5_000))
  const known = new KnownNames({
    addNumbered: () => expect.unreachable('nothing is known'),
    keys: new KeyTable(),
  })
  known.isNumber(0)
  known.decoded(Buffer.from('a 1 1700000000'), 0, 14)
  known.forget()
  expect(take('a 1 1700000000\n', known).takenCount).toBe(0)
})

test('whatever comes, the points are those of the decoder', () => {
  const word = fc.constantFrom(
    'a',
    'a.b',
    'ab',
    ' ',
    ' ',
    ' ',
    '\t',
    '1',
    '-',
    '.5',
    '1700000000',
    '\n',
    '\n',
    '\r',
    'e3',
    ';k=v',
    'é',
  )
  const line = fc
    .tuple(
      fc.constantFrom('a', 'a.b', 'c;t=1', 'c;z=1;b=2', 'c;b=2;z=1', 'ä'),
      fc.double({ noNaN: true }),
      fc.nat(1_700_000_000),
    )
    .map(([name, value, seconds]) => `${name} ${value} ${seconds}\n`)
  const text = fc.array(fc.oneof(word, line), { maxLength: 40 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, (all) => {
      expect(take(all).points).toEqual(decode(all))
    }),
    { numRuns: 500 },
  )
})
