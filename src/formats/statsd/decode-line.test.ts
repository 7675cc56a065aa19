import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REJECTION_REASONS, type RejectionReason } from '../../model/rejection.ts'
import type { Sample } from '../../model/sample.ts'
import type { MetricEvent } from '../../model/event.ts'
import type { Point } from '../../model/point.ts'
import { formatSeriesKey, type Tag } from '../../model/series-key.ts'
import { STATSD_PROFILES } from './profile.ts'
import { createStatsdFormat, type StatsdFormatOptions, statsdFormat } from './statsd-format.ts'

/** What was put out, with the defaults left away; or the reason. */
type Outcome = RejectionReason | (Partial<Sample> | Point | MetricEvent)[]

const NOW_MS = 1_700_000_000_000

function decode(line: string | Uint8Array, options?: StatsdFormatOptions): Outcome {
  const content = Buffer.from(line as string)
  // Surrounded by bytes that would mean something, so that reading past either end would show.
  const bytes = Buffer.concat([Buffer.from('x:1|c|'), content, Buffer.from('|@0.5|#out:side')])
  const found: (Partial<Sample> | Point | MetricEvent)[] = []
  const format = options === undefined ? statsdFormat : createStatsdFormat(options)
  const reason = format.decodeLine(bytes, 6, 6 + content.length, NOW_MS, {
    packet: () => undefined,
    event: (event) => found.push(event),
    point: (point) => found.push({ ...point }),
    sample: (sample) => found.push(brief(sample)),
  })
  if (reason === undefined) return found
  expect(found).toEqual([])
  return reason
}

function nodes(count: number): string {
  return Array(count).fill('n').join('.')
}

function tags(count: number, separator = ':'): string {
  return Array.from({ length: count }, (_, index) => `k${index}${separator}v`).join()
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
const point = (key: string, type: 'counter' | 'gauge', seconds: number, value: number) => {
  return { key, type, timeMs: seconds * 1_000, value }
}

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
    ['a:1|c|e:it-false,cn-x,pu-y|card:low|@0.5', [counter('a', 1, 2)]],
    ['a:1|c|c:in-none|e:it-perhaps|card:all', [counter('a', 1)]],
    ['a:1|c|#dd.internal.entity_id:x,k:v,dd.internal.card:low', [counter('a;k=v', 1)]],
    // Times of their own.
    ['a:2|c|T1600000000', [point('a', 'counter', 1_600_000_000, 2)]],
    ['a:2|c|@0.1|#k:v|T1600000000', [point('a;k=v', 'counter', 1_600_000_000, 20)]],
    ['a:2|g|T1600000000|@0.1', [point('a', 'gauge', 1_600_000_000, 2)]],
    ['a:-2:+3|g|T1', [point('a', 'gauge', 1, -2), point('a', 'gauge', 1, 3)]],
    ['a:1|c|T1|T2', [point('a', 'counter', 2, 1)]],
    ['a:1|c|T1700086400', [point('a', 'counter', 1_700_086_400, 1)]],
    // Tags in names.
    ['a,k=v,l=w:1|c', [counter('a;k=v;l=w', 1)]],
    ['a#k=v,l:1|c', [counter('a;k=v;l=true', 1)]],
    ['a.[k=v]b:1|c', [counter('a.b;k=v', 1)]],
    ['[k=v,l=w]a:1|c|#m:x', [counter('a;k=v;l=w;m=x', 1)]],
    ['a[k=1],l=2;m=3:1|c|#n:4', [counter('a;k=1;l=2;m=3;n=4', 1)]],
    ['a,b:1|c', [counter('ab', 1)]],
    ['cpu[0].idle#1:1|c', [counter('cpu0.idle1', 1)]],
    ['a[k=v:1|c', [counter('akv', 1)]],
    ['a]b,k=v:1|c', [counter('abkv', 1)]],
    ['a:1|c|#k:v,#l:w', [counter('a;k=v;l=w', 1)]],
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
    ['a:1|c:2|g|#k:v|c:id', [counter('a;k=v', 1), gauge('a;k=v', 2)]],
    ['a:1|c:2|c|@0.5|#k:v|T5', [point('a;k=v', 'counter', 5, 1), point('a;k=v', 'counter', 5, 4)]],
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
    [`${'n'.repeat(1_024)}:1|c`, [counter('n'.repeat(1_024), 1)]],
    [`${nodes(64)}:1|c`, [counter(nodes(64), 1)]],
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
    ['a:1|c|T', 'bad_timestamp'],
    ['a:1|c|T0', 'bad_timestamp'],
    ['a:1|c|T-5', 'bad_timestamp'],
    ['a:1|c|T1.5', 'bad_timestamp'],
    ['a:1|c|T1e9', 'bad_timestamp'],
    ['a:1|c|Tsoon', 'bad_timestamp'],
    ['a:1|c|T1700086401', 'bad_timestamp'],
    ['a:1|c|T1700000000000', 'bad_timestamp'],
    ['a:1|c|T99999999999999999999', 'bad_timestamp'],
    ['a:1|ms|T1700000000', 'bad_timestamp'],
    ['a:x|s|T1700000000', 'bad_timestamp'],
    ['a:1|c:2|ms|#k:v|T5', 'bad_timestamp'],
    ['a:1e308|c|@0.01|T5', 'bad_number'],
    [`${'n'.repeat(1_025)}:1|c`, 'name_too_long'],
    [`${nodes(65)}:1|c`, 'too_many_nodes'],
    [`a:1|c|#${tags(65)}`, 'too_many_tags'],
    [`a,${tags(32, '=')}:1|c|#${tags(33)}`, 'too_many_tags'],
    [`a:1|c|#k:${'v'.repeat(200)}`, 'tag_too_long'],
    [`a:1|c|#k:${'é'.repeat(100)}`, 'tag_too_long'],
    [`a;k=${'v'.repeat(10_000)}:1|c`, 'tag_too_long'],
    ['_e{-1,-1}:', 'bad_event'],
    ['_sc|x|9', 'bad_event'],
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

describe('the profiles differ', () => {
  const both = [counter('a', 1), counter('a', 2)]
  const cases: [
    line: string,
    byDefault: Outcome | object[],
    statsd: Outcome | object[],
    dogstatsd: Outcome | object[],
  ][] = [
    // Types.
    ['a:1|h', [timer('a', 1)], [counter('a', 1)], [timer('a', 1)]],
    ['a:1|d', [timer('a', 1)], [counter('a', 1)], [timer('a', 1)]],
    ['a:1|m', [counter('a', 1)], [counter('a', 1)], 'unknown_type'],
    ['a:1|zz|@0.5', 'unknown_type', [counter('a', 1, 2)], 'unknown_type'],
    ['a:x|zz', 'unknown_type', 'bad_number', 'unknown_type'],
    ['a:1|', 'no_type', [counter('a', 1)], 'no_type'],
    ['a:1| ms ', 'unknown_type', [timer('a', 1)], 'unknown_type'],
    ['a:|s', 'no_value', [set('a', '0')], 'no_value'],
    ['a:|c', 'no_value', 'no_value', 'no_value'],
    ['a:-1|ms', 'bad_number', 'bad_number', [timer('a', -1)]],
    // Signs.
    ['a:-1|g', [delta('a', -1)], [delta('a', -1)], [gauge('a', -1)]],
    ['a:+1|g', [delta('a', 1)], [delta('a', 1)], [gauge('a', 1)]],
    // Several values.
    ['a:1:2|c', both, 'no_type', both],
    ['a:1|c:2|c', both, both, 'unknown_type'],
    [
      'a:1|c|@0.5:2|c',
      [counter('a', 1, 2), counter('a', 2)],
      [counter('a', 1, 2), counter('a', 2)],
      'bad_sample_rate',
    ],
    ['a:b:c|s', [set('a', 'b:c')], 'no_type', [set('a', 'b:c')]],
    // Fields.
    ['a:1|c|', [counter('a', 1)], 'bad_field', [counter('a', 1)]],
    ['a:1|c|x', [counter('a', 1)], 'bad_field', [counter('a', 1)]],
    ['a:1|c|@0.5|x', [counter('a', 1, 2)], [counter('a', 1, 2)], [counter('a', 1, 2)]],
    ['a:1|c|#k:v|x', [counter('a;k=v', 1)], [counter('a;k=v', 1)], [counter('a;k=v', 1)]],
    ['a:1|c|#k:v|@0.5', [counter('a;k=v', 1, 2)], [counter('a;k=v', 1, 2)], [counter('a;k=v', 1, 2)]],
    ['a:1|g|#k:v|T5', [point('a;k=v', 'gauge', 5, 1)], [gauge('a;k=v', 1)], [point('a;k=v', 'gauge', 5, 1)]],
    ['a:1|g|T5', [point('a', 'gauge', 5, 1)], 'bad_field', [point('a', 'gauge', 5, 1)]],
    // Tags and names.
    ['a,k=v:1|c', [counter('a;k=v', 1)], [counter('ak=v', 1)], [counter('a,k=v', 1)]],
    ['a;k=v:1|c', [counter('a;k=v', 1)], [counter('a;k=v', 1)], [counter('a_k=v', 1)]],
    ['a[k=v]/é b:1|c', [counter('a-_b;k=v', 1)], [counter('ak=v-_b', 1)], [counter('a[k=v]/é_b', 1)]],
    ['a:1|c|#k:v:w/é', [counter('a;k=v:w/é', 1)], [counter('a;k=vw-', 1)], [counter('a;k=v:w/é', 1)]],
    [
      'a:1|c|#dd.internal.card:low',
      [counter('a', 1)],
      [counter('a;dd.internal.card=low', 1)],
      [counter('a', 1)],
    ],
    // Events.
    ['_sc|a|7', 'bad_event', 'unsupported', 'bad_event'],
    ['_e{1,1}:ab', 'bad_event', 'unsupported', 'bad_event'],
  ]
  test.each(cases)('%j', (line, byDefault, statsd, dogstatsd) => {
    expect(decode(line, {})).toEqual(byDefault)
    expect(decode(line, { profile: 'statsd' })).toEqual(statsd)
    expect(decode(line, { profile: 'dogstatsd' })).toEqual(dogstatsd)
  })
})

test('what a profile says can be set apart', () => {
  expect(decode('a:-1|g', { rules: { gaugeSign: 'absolute' } })).toEqual([gauge('a', -1)])
  expect(decode('é,k=v:1|c', { rules: { names: 'utf8', tagForms: [] } })).toEqual([counter('é,k=v', 1)])
  expect(decode('a#k=v:1|c|#l:w', { rules: { tagForms: ['librato'] } })).toEqual([counter('a;k=v', 1)])
})

test('the limits can be set', () => {
  const limits = { nameBytes: 9, nameNodes: 2, tags: 1, tagBytes: 4 }
  expect(decode('123456789:1|c|#ab:cd', { limits })).toEqual([counter('123456789;ab=cd', 1)])
  expect(decode('1234567890:1|c', { limits })).toBe('name_too_long')
  expect(decode('a.b.c:1|c', { limits })).toBe('too_many_nodes')
  expect(decode('a:1|c|#b,c', { limits })).toBe('too_many_tags')
  expect(decode('a:1|c|#ab:cde', { limits })).toBe('tag_too_long')
})

test('nothing of one line is left for the next', () => {
  const lines = ['a:1|c|@0.5|#k:v|T5', 'a:x|s|@0.5', 'a:1|ms', 'a:1|c:2|g', 'a:-1|g', 'a:1|c', 'a:1:2|h|@0.1']
  for (const first of lines) {
    for (const second of lines) {
      const alone = decode(second)
      decode(first)
      expect(decode(second)).toEqual(alone)
    }
  }
})

/** Of other profiles: names may have more in them. */
const SOUND_WIDE_KEY = /^[^\s;\p{Cc}]+(;[^\s;=!^~\p{Cc}][^\s;=!^\p{Cc}]*=[^\s;~\p{Cc}][^\s;\p{Cc}]*)*$/u
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
    '_e{1,1}:',
    '_sc|',
    'a|0',
    '[',
    ']',
    '[k=v]',
    ',k=v',
    '#k=v',
    '|d:17',
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
  ])('%s are accepted with sound results or rejected for a known reason', (_, lines) => {
    fc.assert(
      fc.property(lines, fc.constantFrom(...STATSD_PROFILES), (line, profile) => {
        const outcome = decode(line, { profile })
        if (typeof outcome === 'string') {
          expect(REJECTION_REASONS).toContain(outcome)
          return
        }
        expect(outcome.length).toBeGreaterThan(0)
        for (const found of outcome) {
          if ('kind' in found) {
            expect(found.title).not.toBe('')
            expect(found.timeMs > 0 && found.timeMs <= NOW_MS + 86_400_000).toBe(true)
            continue
          }
          const { key = '', type, value = 0 } = found
          expect(key).toMatch(profile === 'default' ? SOUND_KEY : SOUND_WIDE_KEY)
          expect(Number.isFinite(value)).toBe(true)
          if ('timeMs' in found) {
            expect(['counter', 'gauge']).toContain(type)
            expect(found.timeMs > 0 && found.timeMs <= NOW_MS + 86_400_000).toBe(true)
            continue
          }
          const { weight = 1, isDelta = false } = found
          expect(weight >= 1 && weight < Infinity).toBe(true)
          expect(isDelta && type !== 'gauge').toBe(false)
        }
      }),
      { numRuns: 700 },
    )
  })
})

test('plain lines mean what splitting them into strings says', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}(\.[a-z0-9-]{1,5}){0,3}$/)
  const value = fc.oneof(
    fc.integer({ min: -1e6, max: 1e6 }).map(String),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }).map(String),
    fc.constantFrom('x', '', '1e999', '+5', '-0', '007', '5.', '.5', '0x1'),
  )
  const tag = fc.stringMatching(/^[a-z]{1,4}(:[a-z0-9:./]{0,6})?$/)
  const line = fc
    .record({
      name,
      values: fc.array(value, { minLength: 1, maxLength: 4 }),
      type: fc.constantFrom('c', 'g', 'ms', 'h', 'd', 's', 'm', 'x'),
      rate: fc.option(fc.constantFrom('1', '0.5', '0.1', '1e-3', '0', '2', 'x')),
      tags: fc.option(fc.array(tag, { maxLength: 4 })),
    })
    .map(({ name, values, type, rate, tags }) =>
      [
        `${name}:${values.join(':')}`,
        type,
        ...(rate === null ? [] : [`@${rate}`]),
        ...(tags === null ? [] : [`#${tags.join()}`]),
      ].join('|'),
    )
  fc.assert(
    fc.property(line, (text) => {
      const outcome = decode(text)
      expect(typeof outcome === 'string' ? 'rejected' : outcome).toEqual(bySplitting(text) ?? 'rejected')
    }),
    { numRuns: 1_000 },
  )
})

/** The slow and plain way to read `name:values|type|@rate|#tags`; undefined if the line is to be rejected. */
function bySplitting(line: string): object[] | undefined {
  const [head = '', typeText = '', ...fields] = line.split('|')
  const [name = '', ...values] = head.split(':')
  const type = { c: 'counter', m: 'counter', g: 'gauge', ms: 'timer', h: 'timer', d: 'timer', s: 'set' }[
    typeText
  ]
  const rate = Number(fields.find((field) => field.startsWith('@'))?.slice(1) ?? 1)
  if (type === undefined || !(rate > 0 && rate <= 1)) return undefined
  const tagList = (fields.find((field) => field.startsWith('#')) ?? '#').slice(1).split(',')
  const pairs = tagList
    .map((tag): Tag => {
      const [key = '', ...rest] = tag.split(':')
      return rest.length === 0 ? [key, 'true'] : [key, rest.join(':')]
    })
    .filter(([key, value]) => key !== '' && value !== '')
  const key = formatSeriesKey(name, pairs)
  if (type === 'set') {
    const member = values.join(':')
    return member === '' ? undefined : [set(key, member)]
  }
  const texts = values.filter((text) => text !== '')
  const isGood = (text: string): boolean =>
    /^[-+]?[0-9.]+(e[-+]?[0-9]+)?$/.test(text) &&
    Number.isFinite(Number(text)) &&
    !(typeText === 'ms' && Number(text) < 0)
  if (texts.length === 0 || !texts.every(isGood)) return undefined
  return texts.map((text) => ({
    key,
    type,
    value: Number(text),
    ...(type === 'gauge' || rate === 1 ? {} : { weight: 1 / rate }),
    ...(type === 'gauge' && /^[-+]/.test(text) ? { isDelta: true } : {}),
  }))
}
