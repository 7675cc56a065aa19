import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REJECTION_REASONS, type RejectionReason } from '../../model/rejection.ts'
import type { Sample } from '../../model/sample.ts'
import { formatSeriesKey, type Tag } from '../../model/series-key.ts'
import { statsdFormat } from './statsd-format.ts'
import dogstatsd from './testdata/dogstatsd.json' with { type: 'json' }
import etsy from './testdata/etsy.json' with { type: 'json' }
import gostatsd from './testdata/gostatsd.json' with { type: 'json' }

/** What was put out, with the defaults left away; or the reason. */
type Outcome = RejectionReason | Partial<Sample>[]

function decode(line: string | Uint8Array): Outcome {
  const content = Buffer.from(line as string)
  // Surrounded by bytes that would mean something, so that reading past either end would show.
  const bytes = Buffer.concat([Buffer.from('x:1|c|'), content, Buffer.from('|@0.5|#out:side')])
  const samples: Partial<Sample>[] = []
  const reason = statsdFormat.decodeLine(bytes, 6, 6 + content.length, 1_700_000_000_000, {
    packet: () => undefined,
    event: () => undefined,
    point: () => expect.unreachable('StatsD lines carry no points of their own'),
    sample: (sample) => samples.push(brief(sample)),
  })
  if (reason === undefined) return samples
  expect(samples).toEqual([])
  return reason
}

function brief({ key, type, value, weight, isDelta, member }: Sample): Partial<Sample> {
  return {
    key,
    type,
    ...(type === 'set' ? { member } : { value }),
    ...(weight === 1 ? {} : { weight }),
    ...(isDelta ? { isDelta } : {}),
  }
}

const counter = (key: string, value: number, weight = 1) => ({
  key,
  type: 'counter',
  value,
  ...(weight === 1 ? {} : { weight }),
}) // prettier-ignore
const timer = (key: string, value: number, weight = 1) => ({
  key,
  type: 'timer',
  value,
  ...(weight === 1 ? {} : { weight }),
}) // prettier-ignore
const gauge = (key: string, value: number) => ({ key, type: 'gauge', value })
const delta = (key: string, value: number) => ({ key, type: 'gauge', value, isDelta: true })
const set = (key: string, member: string) => ({ key, type: 'set', member })

describe('accepted', () => {
  const cases: [line: string, samples: object[]][] = [
    // One value.
    ['a:1|c', [counter('a', 1)]],
    ['a:2.5|m', [counter('a', 2.5)]],
    ['a:-3|c', [counter('a', -3)]],
    ['a:7|g', [gauge('a', 7)]],
    ['a:12|ms', [timer('a', 12)]],
    ['a:-12|h', [timer('a', -12)]],
    ['a:1e3|d', [timer('a', 1000)]],
    ['a:joe|s', [set('a', 'joe')]],
    ['a:-0|c', [counter('a', -0)]],
    ['a:-0.0|ms', [timer('a', -0)]],
    ['a:1|c  ', [counter('a', 1)]],
    // Gauges with a sign.
    ['a:+7|g', [delta('a', 7)]],
    ['a:-7|g', [delta('a', -7)]],
    ['a:+7|c', [counter('a', 7)]],
    // Sample rates.
    ['a:1|c|@0.1', [counter('a', 1, 10)]],
    ['a:1|ms|@0.5', [timer('a', 1, 2)]],
    ['a:1|c|@1', [counter('a', 1)]],
    ['a:1|c|@2e-1', [counter('a', 1, 5)]],
    ['a:1|c|@+0.5', [counter('a', 1, 2)]],
    ['a:1|g|@0.5', [gauge('a', 1)]],
    ['a:1|s|@0.5', [set('a', '1')]],
    // Tags, in both spellings and together.
    ['a:1|c|#b:2,a:1', [counter('a;a=1;b=2', 1)]],
    ['a:1|c|#a:1|@0.5', [counter('a;a=1', 1, 2)]],
    ['a:1|c|@0.5|#a:1', [counter('a;a=1', 1, 2)]],
    ['a:1|c|#url:http://x:80', [counter('a;url=http://x:80', 1)]],
    ['a:1|c|#flag', [counter('a;flag=true', 1)]],
    ['a:1|c|#', [counter('a', 1)]],
    ['a;x=1:1|c', [counter('a;x=1', 1)]],
    ['a;y=2;x=1:1|c|#z:3', [counter('a;x=1;y=2;z=3', 1)]],
    ['a;x=1:1|c|#x:2', [counter('a;x=2', 1)]],
    ['a b/c;x=y z:1|c', [counter('a_b-c;x=y_z', 1)]],
    // Fields that are passed over.
    ['a:1|c|', [counter('a', 1)]],
    ['a:1|c|c:abc', [counter('a', 1)]],
    ['a:1|c|#k:v|c:abc', [counter('a;k=v', 1)]],
    ['a:1|c|e:it-false,cn-x,pu-y|card:low|T1700000000|@0.5', [counter('a', 1, 2)]],
    ['a:1|c|T1700000000', [counter('a', 1)]],
    ['a:1|c|later:x', [counter('a', 1)]],
    ['a:1|c|later', [counter('a', 1)]],
    ['a:1|c|later:x|#k:v', [counter('a;k=v', 1)]],
    // Packed values.
    ['a:1:2:3|ms|@0.5|#t:v', [timer('a;t=v', 1, 2), timer('a;t=v', 2, 2), timer('a;t=v', 3, 2)]],
    ['a:1:+2:-3|g', [gauge('a', 1), delta('a', 2), delta('a', -3)]],
    ['a:1::2:|c', [counter('a', 1), counter('a', 2)]],
    ['a::1|c', [counter('a', 1)]],
    ['a:b:c|s', [set('a', 'b:c')]],
    ['a:::|s', [set('a', '::')]],
    ['a:1:2|c|c:abc', [counter('a', 1), counter('a', 2)]],
    // Chained values.
    ['a:1|c:5|ms:7|g', [counter('a', 1), timer('a', 5), gauge('a', 7)]],
    ['a:1|ms|@0.1:2|c', [timer('a', 1, 10), counter('a', 2)]],
    ['a:1|ms:5|c:7|ms', [timer('a', 1), counter('a', 5), timer('a', 7)]],
    ['a:1|c:5|c:7|c', [counter('a', 1), counter('a', 5), counter('a', 7)]],
    ['a;k=v:x|s:y|s|@0.5:-1|g', [set('a;k=v', 'x'), set('a;k=v', 'y'), delta('a;k=v', -1)]],
    // Names.
    ['__proto__:1|ms', [timer('__proto__', 1)]],
    ['constructor:1|s', [set('constructor', '1')]],
    ['toString:1|c', [counter('toString', 1)]],
    ['hasOwnProperty:1|g|#__proto__:x', [gauge('hasOwnProperty;__proto__=x', 1)]],
    ['_sc:1|c', [counter('_sc', 1)]],
    ['_e:1|c', [counter('_e', 1)]],
    ['.a..b.:1|c', [counter('a.b', 1)]],
    ['été\u202e.🙂x:1|c', [counter('t.x', 1)]],
    [`${'n'.repeat(4_096)}:1|c`, [counter('n'.repeat(4_096), 1)]],
    [`${Array(1_000).fill('n').join('.')}:1|c`, [counter(Array(1_000).fill('n').join('.'), 1)]],
    ['a:käse\u0000|s', [set('a', 'käse\u0000')]],
  ]
  test.each(cases)('%j', (line, samples) => {
    expect(decode(line)).toStrictEqual(samples)
  })
})

describe('rejected', () => {
  const cases: [line: string, reason: RejectionReason][] = [
    ['a', 'no_value'],
    ['|', 'no_value'],
    ['   ', 'no_value'],
    ['a:', 'no_value'],
    ['a:|', 'no_value'],
    ['a:|c', 'no_value'],
    ['a:|s', 'no_value'],
    ['a::|c', 'no_value'],
    ['a|c:1', 'no_value'],
    ['a|c|#k:v', 'no_value'],
    ['a:1|c:', 'no_value'],
    ['a:1|c:|ms', 'no_value'],
    ['a:1', 'no_type'],
    ['a:1|', 'no_type'],
    ['a:1||#k:v', 'no_type'],
    ['a:1|c:5', 'no_type'],
    [':', 'empty_name'],
    [':|', 'empty_name'],
    [':1|c', 'empty_name'],
    ['$$$:1|c', 'empty_name'],
    ['.:1|c', 'empty_name'],
    ['..:1|c', 'empty_name'],
    [';k=v:1|c', 'empty_name'],
    ['a:1|zz', 'unknown_type'],
    ['a:1|C', 'unknown_type'],
    ['a:1|mss', 'unknown_type'],
    ['a:1|mx', 'unknown_type'],
    ['a:1| c', 'unknown_type'],
    ['a:1|c\r|@1', 'unknown_type'],
    ['a:1:2|c:3|c', 'unknown_type'],
    ['a:NaN|g', 'bad_number'],
    ['a:Infinity|c', 'bad_number'],
    ['a:-Infinity|g', 'bad_number'],
    ['a:1e999|g', 'bad_number'],
    ['a:0x1F|g', 'bad_number'],
    ['a: |g', 'bad_number'],
    ['a:+|g', 'bad_number'],
    ['a:-5|ms', 'bad_number'],
    ['a:1:x|c', 'bad_number'],
    ['a:1|c:-1|ms', 'bad_number'],
    ['a:1|c|@', 'bad_sample_rate'],
    ['a:1|c|@ 1', 'bad_sample_rate'],
    ['a:1|c|@0', 'bad_sample_rate'],
    ['a:1|c|@-0', 'bad_sample_rate'],
    ['a:1|c|@-1', 'bad_sample_rate'],
    ['a:1|c|@2', 'bad_sample_rate'],
    ['a:1|c|@1e3', 'bad_sample_rate'],
    ['a:1|c|@0x10', 'bad_sample_rate'],
    ['a:1|c|@1e-320', 'bad_sample_rate'],
    ['a:1|c|@Infinity', 'bad_sample_rate'],
    ['a:1|g|@0', 'bad_sample_rate'],
    ['a:1|s|@x', 'bad_sample_rate'],
    ['a:1|c|@0.5|@2', 'bad_sample_rate'],
    ['a:1|c|#k:v|@0.5:2|c', 'bad_sample_rate'],
    ['a:1|c:2|c|x', 'bad_field'],
    ['a:1|c:2|c|#k:v', 'bad_field'],
    ['_e{-1,-1}:', 'unsupported'],
    ['_e{5,3}:abcde', 'unsupported'],
    ['_e{99999999,1}:', 'unsupported'],
    ['_e{5,4}:title|text', 'unsupported'],
    ['_sc|x|9', 'unsupported'],
  ]
  test.each(cases)('%j is %s', (line, reason) => {
    expect(decode(line)).toBe(reason)
  })
})

test('bytes that are no UTF-8 leave a name, and are replaced in tags and members', () => {
  const line = (text: string): Buffer => Buffer.from(text, 'latin1')
  expect(decode(line('a\xffb:1|c'))).toEqual([counter('ab', 1)])
  expect(decode(line('a:1|c|#k:\xff'))).toEqual([counter('a;k=\ufffd', 1)])
  expect(decode(line('a:\xff|s'))).toEqual([set('a', '\ufffd')])
})

test('plain Uint8Arrays are read like Buffers', () => {
  const line = new TextEncoder().encode('é/a:1.00000000000000001|c|#k:ü')
  const samples: Sample[] = []
  const out = {
    packet: () => undefined,
    event: () => undefined,
    point: () => undefined,
    sample: (sample: Sample) => samples.push({ ...sample }),
  }
  expect(statsdFormat.decodeLine(line, 0, line.length, 0, out)).toBeUndefined()
  expect(samples.map((sample) => sample.key)).toEqual(['-a;k=ü'])
})

test('the longest line of packed values is one line of many samples', () => {
  const line = `a${':1'.repeat(32_000)}|c`
  expect(decode(line)).toHaveLength(32_000)
})

interface PeerCase {
  readonly id: string
  readonly line: string
  readonly ok: boolean
  readonly samples?: object[]
  readonly name?: string
  readonly tags?: string[]
  readonly type?: string
  readonly values?: number[]
  readonly member?: string
  readonly rate?: number
}

interface PeerTable {
  readonly peer: string
  readonly cases: PeerCase[]
  readonly differences: {
    readonly id: string
    readonly line: string
    readonly ours: string | object[]
    readonly because: string
  }[]
}

describe.each<PeerTable>([etsy, dogstatsd, gostatsd])('as $peer has it', ({ cases, differences }) => {
  // A listener takes the CR off before the decoder sees the line.
  const received = (line: string): string => line.replace(/\r$/, '')

  test.each(cases)('$id', (peer) => {
    const outcome = decode(received(peer.line))
    if (!peer.ok) expect(REJECTION_REASONS).toContain(outcome)
    else if (peer.samples !== undefined) expect(outcome).toEqual(peer.samples)
    else if (peer.name !== undefined) expect(outcome).toEqual(samplesOf(peer))
    else expect(outcome).toBeInstanceOf(Array)
  })

  test.each(differences)('but for $id: $because', ({ line, ours }) => {
    expect(decode(received(line))).toEqual(ours)
  })
})

function samplesOf({ name = '', type, values = [], member, rate = 1, tags = [] }: PeerCase): object[] {
  const pairs = tags.map((tag): Tag => {
    const colon = tag.indexOf(':')
    return colon < 0 ? [tag, 'true'] : [tag.slice(0, colon), tag.slice(colon + 1)]
  })
  const key = formatSeriesKey(name, pairs)
  if (member !== undefined) return [{ key, type, member }]
  if (type === 'set') return values.map((value) => ({ key, type, member: String(value) }))
  const weight = type === 'gauge' || rate === 1 ? {} : { weight: 1 / rate }
  return values.map((value) => ({ key, type, value, ...weight }))
}

const SOUND_KEY = /^[A-Za-z0-9_.-]+(;[^\s;=!^~\p{Cc}][^\s;=!^\p{Cc}]*=[^\s;~\p{Cc}][^\s;\p{Cc}]*)*$/u

describe('whatever the bytes', () => {
  const words = [
    'a',
    'api.hits',
    '__proto__',
    '',
    ' ',
    '.',
    ';k=v',
    ':',
    '|',
    '|c',
    '|g',
    '|ms',
    '|h',
    '|d',
    '|s',
    '|m',
    '|zz',
    '|@0.1',
    '|@',
    '|@0',
    '@',
    '#',
    '|#k:v,flag',
    '|#',
    ',',
    '|c:abc',
    '|e:it-true',
    '|card:low',
    '|T17',
    '1',
    '-1',
    '+1.5e3',
    '1e999',
    'NaN',
    '0x1',
    '_e{',
    '_sc|',
    '\u0000',
    '\ufeff',
    '🙂',
    '\t',
    '=',
    '~',
  ] // prettier-ignore
  const mutations = fc
    .array(fc.constantFrom(...words), { maxLength: 14 })
    .map((parts) => Buffer.from(parts.join('')))
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))

  test.each([
    ['random bytes', bytes],
    ['words of the grammar in any order', mutations],
  ])('%s are accepted with sound samples or rejected for a known reason', (_, lines) => {
    fc.assert(
      fc.property(lines, (line) => {
        const outcome = decode(line)
        if (typeof outcome === 'string') {
          expect(REJECTION_REASONS).toContain(outcome)
          return
        }
        expect(outcome.length).toBeGreaterThan(0)
        for (const { key = '', type, value = 0, weight = 1, isDelta = false } of outcome) {
          expect(key).toMatch(SOUND_KEY)
          expect(Number.isFinite(value)).toBe(true)
          expect(weight >= 1 && weight < Infinity).toBe(true)
          expect(isDelta && type !== 'gauge').toBe(false)
        }
      }),
      { numRuns: 500 },
    )
  })
})
