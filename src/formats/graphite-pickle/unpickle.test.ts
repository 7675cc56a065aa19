import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PickledValue, unpickle } from './unpickle.ts'

function read(pickle: string | Uint8Array): PickledValue | undefined {
  const content = typeof pickle === 'string' ? Buffer.from(pickle, 'latin1') : Buffer.from(pickle)
  // Surrounded by bytes that would mean something, so that reading past either end would show.
  const bytes = Buffer.concat([Buffer.from('N.'), content, Buffer.from('.....')])
  return unpickle(bytes, 2, 2 + content.length)
}

/** What Python 3.11 wrote: by case, by protocol, in hexadecimal. */
const recorded = JSON.parse(readFileSync(`${import.meta.dirname}/testdata/pickles.json`, 'utf8')) as Record<
  string,
  Record<string, string>
>

const SECONDS = 1_700_000_000
const wantedOf: Record<string, PickledValue> = {
  'one point': [['a.b', [SECONDS, 1.5]]],
  'whole numbers': [
    0,
    1,
    255,
    256,
    65_535,
    65_536,
    2 ** 31 - 1,
    -1,
    -(2 ** 31),
    2 ** 31,
    2 ** 53,
    -(2 ** 40),
  ].map((value) => ['a', [SECONDS, value]]),
  floats: [0, -0, 0.1, 1e300, -2.5e-8].map((value) => ['a', [SECONDS + 0.25, value]]),
  'text beyond ASCII, tags and escapes': [
    ['été.🙂;dc=fra', [SECONDS, 1]],
    ['a\\b\'c"d\ne€', [SECONDS, 2]],
  ],
  'lists in place of tuples': [
    ['a', [SECONDS, 1]],
    ['b', [SECONDS + 1, 2]],
  ],
  'one name many times': [0, 1, 2, 3].map((value) => ['same.name', [SECONDS + value, value]]),
  'values as text': [['a', [String(SECONDS), '1.5']]],
  'True and False': [
    ['a', [SECONDS, true]],
    ['b', [SECONDS, false]],
  ],
  None: [['a', [SECONDS, null]]],
  empty: [],
  'a long name': [['n'.repeat(300), [SECONDS, 1]]],
  'bytes as a name': [['a.b', [SECONDS, 1]]],
}

describe.each(Object.entries(recorded))('%s', (name, byProtocol) => {
  test.each(Object.entries(byProtocol))('as Python writes it with protocol %s', (_protocol, hexadecimal) => {
    expect(read(Buffer.from(hexadecimal, 'hex'))).toStrictEqual(wantedOf[name])
  })
})

describe('written by others', () => {
  const cases: [what: string, pickle: string, value: PickledValue][] = [
    ["etsy's statsd", "(l(S'a.b'\n(L1700000000L\nS'1.5'\ntta.", [['a.b', [SECONDS, '1.5']]]],
    ['Python 2, protocol 0', "(lp0\n(S'a'\np1\n(I1700000000\nF1.5\ntp2\ntp3\na.", [['a', [SECONDS, 1.5]]]],
    ['Python 2, text with escapes', "S'a\\x62\\'\\\\ \\xc3\\xa9\\n\\101'\n.", "ab'\\ é\nA"],
    ['Python 2, text in double quotes', 'S"it\'s"\n.', "it's"],
    ['Python 2, text of Unicode', 'V\\u20ac\xe9\\U0001f600\n.', '€é😀'],
    ['Python 2, short text', 'U\x03a.b.', 'a.b'],
    ['Python 2, long text', 'T\x03\0\0\0a.b.', 'a.b'],
    ['floats that are none', '(Finf\nF-inf\nFnan\nt.', [Infinity, -Infinity, NaN]],
    ['an integer of more than a double', '\x8a\x09\0\0\0\0\0\0\0\0\x01.', 2 ** 64],
    ['an integer that is negative', '\x8a\x02\0\x80.', -32_768],
    ['an integer of no bytes', '\x8a\0.', 0],
    ['a mark that is given up', '(K\x01K\x021N.', null],
    ['a value that is given up', 'K\x01K\x020.', 1],
    ['a value twice', 'K\x012\x86.', [1, 1]],
    ['what comes behind the end', 'K\x01.cos\nsystem\n', 1],
  ]
  test.each(cases)('%s', (_what, pickle, value) => {
    expect(read(pickle)).toStrictEqual(value)
  })
})

describe('refused', () => {
  const cases: [what: string, pickle: string][] = [
    ['a call of os.system', "cos\nsystem\n(S'true'\ntR."],
    ['a class by name', '\x80\x02cbuiltins\neval\n.'],
    ['a class from the stack', '\x80\x04\x8c\x02os\x8c\x06system\x93.'],
    ['an instance', '(i__main__\nThing\n.'],
    ['an object', '(cos\nsystem\no.'],
    ['an object by its class', '\x80\x02K\x01)\x81.'],
    ['a state that is set', '\x80\x02)N' + 'b.'],
    ['a persistent id', 'P1\n.'],
    ['a persistent id from the stack', 'K\x01Q.'],
    ['an extension', '\x80\x02\x82\x01.'],
    ['a dictionary', '}.'],
    ['a set', '\x80\x04\x8f.'],
    ['bytes that can be changed', '\x80\x05\x96\x01\0\0\0\0\0\0\0a.'],
    ['a buffer from outside', '\x80\x05\x97.'],
    ['an unknown protocol', '\x80\x06N.'],
    ['an unknown instruction', '\xff.'],
    ['nothing', ''],
    ['no end', 'K\x01'],
    ['an end with nothing on the stack', '.'],
    ['a list without a mark', 'l.'],
    ['a tuple of more than there is', 'K\x01\x87.'],
    ['a mark below which the stack was emptied', 'K\x01(00t.'],
    ['an element for no list', 'K\x01K\x02a.'],
    ['elements for no list', 'K\x01(K\x02e.'],
    ['what was not remembered', 'h\x05.'],
    ['a text that is cut off', 'X\x05\0\0\0abc.'],
    ['a text of four gigabytes', 'X\xff\xff\xff\xffabc.'],
    ['a text of 2^63 bytes', '\x8d\0\0\0\0\0\0\0\x80abc.'],
    ['an integer of a megabyte', `\x8b\0\0\x10\0${'\x01'.repeat(1_048_576)}.`],
    ['digits without end', `I${'9'.repeat(100_000)}\n.`],
    ['digits that are none', 'I0x10\n.'],
    ['a float that is none', 'F0x10\n.'],
    ['a text without quotation marks', 'Sabc\n.'],
    ['a line without an end', 'I1'],
    ['a float that is cut off', 'G\0\0\0.'],
  ]
  test.each(cases)('%s', (_what, pickle) => {
    expect(read(pickle)).toBeUndefined()
  })
})

test('a list that holds itself is read, and its end is found', () => {
  const list = read(']q\0h\0a.') as readonly PickledValue[]
  expect(list[0]).toBe(list)
})

test('a million nested lists, marks or copies take no stack of ours', () => {
  expect(read(`${'('.repeat(500_000)}${'t'.repeat(500_000)}.`)).toBeInstanceOf(Array)
  expect(read(`${']'.repeat(1_000_000)}.`)).toEqual([])
  expect(read(`N${'2'.repeat(1_000_000)}.`)).toBe(null)
})

test('whatever the bytes, there is a value or none, and never an error', () => {
  const valid = Object.values(recorded).flatMap((byProtocol) =>
    Object.values(byProtocol).map((hexadecimal) => Buffer.from(hexadecimal, 'hex')),
  )
  const damaged = fc
    .tuple(fc.constantFrom(...valid), fc.nat(), fc.nat(255), fc.nat())
    .map(([bytes, place, byte, length]) => {
      const copy = Buffer.from(bytes)
      copy[place % copy.length] = byte
      return copy.subarray(0, length % 4 === 0 ? length % copy.length : copy.length)
    })
  const codes = '(02FILNSVaglpt)1GJKMTUX]ehjqr\x80\x85\x86\x87\x88\x89\x8a\x8bBC\x8c\x8d\x8e\x94\x95\n\x01\0.'
  const program = fc
    .array(fc.constantFrom(...codes.split('')), { maxLength: 60 })
    .map((parts) => Buffer.from(parts.join(''), 'latin1'))
  fc.assert(
    fc.property(fc.oneof(damaged, program, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const value = read(bytes)
      expect(['undefined', 'string', 'number', 'boolean', 'object']).toContain(typeof value)
    }),
    { numRuns: 3_000 },
  )
})
