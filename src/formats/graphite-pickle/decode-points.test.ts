import { describe, expect, test } from 'vitest'
import { decodePickledPoints } from './decode-points.ts'

function decode(pickle: string | Uint8Array): string[] | false {
  const bytes = typeof pickle === 'string' ? Buffer.from(pickle, 'latin1') : Buffer.from(pickle)
  const seen: string[] = []
  const isTaken = decodePickledPoints(bytes, 0, bytes.length, {
    lines: (text) => seen.push(text),
    refused: (entry) => seen.push(`! ${entry}`),
  })
  if (!isTaken) expect(seen).toEqual([])
  return isTaken && seen
}

describe('an entry', () => {
  const cases: [entry: string, seen: string][] = [
    ["(S'a.b'\n(I1700000000\nF1.5\ntt", 'a.b 1.5 1700000000\n'],
    ["(S'a;dc=fra'\n(F1700000000.25\nI-1\ntt", 'a;dc=fra -1 1700000000.25\n'],
    ["(S'a'\n(S' 1700000000 '\nS'1e3'\ntt", 'a 1e3 1700000000\n'],
    ["(S'a'\n(I-1\nI01\ntt", 'a 1 -1\n'],
    ["(S'a'\n(I1\nFnan\ntt", 'a NaN 1\n'],
    ["(S'a'\n(I1\nF-0.0\ntt", 'a -0 1\n'],
    ["(S'a b\\n\\tc'\n(I1\nI2\ntt", 'a_b_c 2 1\n'],
    ["(S' '\n(I1\nI2\ntt", '_ 2 1\n'],
    ["(S'a'\n(S'1 2'\nI2\ntt", '! ["a", ["1 2", 2]]'],
    ["(S'a'\n(S''\nI2\ntt", '! ["a", ["", 2]]'],
    ["(S''\n(I1\nI2\ntt", '! ["", [1, 2]]'],
    ["(S'a'\n(I1\nNtt", '! ["a", [1, null]]'],
    ["(S'a'\n(I1\n(ltt", '! ["a", [1, [...]]]'],
    ["(S'a'\n(I1\nI2\nI3\ntt", '! ["a", [1, 2, 3]]'],
    ["(S'a'\n(I1\nI2\ntI3\nt", '! ["a", [1, 2], 3]'],
    ['(I5\n(I1\nI2\ntt', '! [5, [1, 2]]'],
    ["S'a 1 1700000000'\n", '! "a 1 1700000000"'],
    ['N', '! null'],
  ]
  test.each(cases)('%j', (entry, seen) => {
    expect(decode(`(l${entry}a.`)).toEqual([seen])
  })
})

test('lines and what is refused keep their order', () => {
  const point = (name: string): string => `(S'${name}'\n(I1\nI2\ntta`
  expect(decode(`(l${point('a')}${point('b')}Na${point('c')}.`)).toEqual([
    'a 2 1\nb 2 1\n',
    '! null',
    'c 2 1\n',
  ])
})

test.each([
  ['no list', 'K\x01.'],
  ['text', "S'a 1 1'\n."],
  ['no pickle', 'a.b 1 1700000000\n'],
  ['code', "cos\nsystem\n(S'true'\ntR."],
  // (path, point) once, and then its place in memory over and over.
  ['more points than can be', `](X\x01\0\0\0aK\x01K\x02\x86\x86q\0${'h\0'.repeat(100_001)}e.`],
  [
    'a name of a megabyte for a thousand points',
    `](X${'\0\0\x0e\0'}${'a'.repeat(0xe_0000)}K\x01K\x02\x86\x86q\0${'h\0'.repeat(1_000)}e.`,
  ],
])('%s is refused whole', (_what, pickle) => {
  expect(decode(pickle)).toBe(false)
})

test('a list that holds itself has entries that are no points', () => {
  expect(decode(']q\0h\0a.')).toEqual(['! [[[...]]]'])
})
