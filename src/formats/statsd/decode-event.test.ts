import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MetricEvent } from '../../model/event.ts'
import type { RejectionReason } from '../../model/rejection.ts'
import { createStatsdFormat, type StatsdFormatOptions } from './statsd-format.ts'

const NOW_MS = 1_700_000_000_000

function decode(line: string, options: StatsdFormatOptions = {}): MetricEvent | RejectionReason {
  const content = Buffer.from(line)
  // Surrounded by bytes that would mean something, so that reading past either end would show.
  const bytes = Buffer.concat([Buffer.from('_e{1|'), content, Buffer.from('|0:}|#out:side')])
  const events: MetricEvent[] = []
  const reason = createStatsdFormat(options).decodeLine(bytes, 5, 5 + content.length, NOW_MS, {
    packet: () => undefined,
    sample: () => expect.unreachable('an event is no sample'),
    point: () => expect.unreachable('an event is no point'),
    event: (event) => events.push(event),
  })
  const [event] = events
  expect(events).toHaveLength(reason === undefined ? 1 : 0)
  return reason ?? event ?? expect.unreachable('either')
}

const EVENT = { kind: 'event', timeMs: NOW_MS, title: 't', text: 'x', tags: [] }
const CHECK = { kind: 'service_check', timeMs: NOW_MS, title: 'a', text: '', tags: [], status: 0 }

describe('taken', () => {
  const cases: [line: string, event: object][] = [
    ['_e{1,1}:t|x', EVENT],
    ['_e{5,0}:title|', { ...EVENT, title: 'title', text: '' }],
    ['_e{3,2}:a|b||c', { ...EVENT, title: 'a|b', text: '|c' }],
    ['_e{2,4}:é|🙂', { ...EVENT, title: 'é', text: '🙂' }],
    [String.raw`_e{4,8}:a\nb|c\d\\nef`, { ...EVENT, title: 'a\nb', text: 'c\\d\\\nef' }],
    ['_e{3,2}: t |x ', { ...EVENT, title: ' t ', text: 'x ' }],
    ['_e{001,1}:t|x|', EVENT],
    [
      '_e{1,1}:t|x|d:1600000000|h:web1|k:key|p:low|s:chef|t:warning|#a:b,c|c:id|e:it-true|card:low|later:x',
      {
        ...EVENT,
        timeMs: 1_600_000_000_000,
        hostname: 'web1',
        aggregationKey: 'key',
        priority: 'low',
        sourceType: 'chef',
        alertType: 'warning',
        tags: [
          ['a', 'b'],
          ['c', 'true'],
        ],
      },
    ],
    ['_e{1,1}:t|x|p:high|t:fatal|d:soon|d:-1|d:0|d:1.5|d:1700000000000|h:|k', EVENT],
    [
      '_e{1,1}:t|x|p:low|p:normal|h:a|h:b|#a|#b',
      { ...EVENT, priority: 'normal', hostname: 'b', tags: [['b', 'true']] },
    ],
    ['_e{1,1}:t|x|#dd.internal.entity_id:u,a:b', { ...EVENT, tags: [['a', 'b']] }],
    ['_e{1,1}:t|x|m:no message', EVENT],
    ['_sc|a|0', CHECK],
    ['_sc|a b:c|3 ', { ...CHECK, title: 'a b:c', status: 3 }],
    [
      String.raw`_sc|a|2|d:1600000000|h:web1|m:no\nanswer: |#k:v|x`,
      {
        ...CHECK,
        status: 2,
        timeMs: 1_600_000_000_000,
        hostname: 'web1',
        text: 'no\nanswer: ',
        tags: [['k', 'v']],
      },
    ],
    ['_sc|a|1|t:error|k:key', { ...CHECK, status: 1 }],
  ]
  test.each(cases)('%j', (line, event) => {
    expect(decode(line)).toStrictEqual(event)
  })
})

test.each([
  '_e{',
  '_e{}',
  '_e{}:a|b',
  '_e{1}:a|b',
  '_e{1,1',
  '_e{1,1}',
  '_e{1,1}a|b',
  '_e{1,1}:',
  '_e{1,1}:a',
  '_e{1,1}:a|',
  '_e{1,1}:ab',
  '_e{1,1}:a:b',
  '_e{1,1}:a|bc',
  '_e{2,1}:a|b',
  '_e{0,1}:|b',
  '_e{-1,-1}:',
  '_e{+1,1}:a|b',
  '_e{ 1,1}:a|b',
  '_e{1,,1}:a|b',
  '_e{5,3}:abcde',
  '_e{99999999,1}:',
  '_e{999999999999999999999999,1}:a|b',
  '_e{1,9007199254740993}:a|b',
  '_sc|',
  '_sc||',
  '_sc||0',
  '_sc|a',
  '_sc|a|',
  '_sc|a||0',
  '_sc|a|4',
  '_sc|a|9',
  '_sc|a|-1',
  '_sc|a|00',
  '_sc|a|OK',
])('%j is no event', (line) => {
  expect(decode(line)).toBe('bad_event')
})

test('the tags of events have the limits that those of metrics have', () => {
  expect(decode('_e{1,1}:t|x|#a,b', { limits: { tags: 1 } })).toBe('too_many_tags')
  expect(decode('_sc|a|0|#abc', { limits: { tagBytes: 6 } })).toBe('tag_too_long')
})

test('the profile of the agent does not look at the bytes around title and text', () => {
  const loose = decode('_e{4,1}:title|xyz|h:web1', { profile: 'dogstatsd' })
  expect(loose).toStrictEqual({ ...EVENT, title: 'titl', text: '|', hostname: 'web1' })
})

test('whatever title and text are, they arrive as they were sent', () => {
  const text = fc.string({ unit: 'grapheme' }).map((any) => any.replaceAll('\n', '').replaceAll('\\n', ''))
  fc.assert(
    fc.property(
      text.filter((title) => title !== ''),
      text,
      (title, body) => {
        const line = `_e{${Buffer.byteLength(title)},${Buffer.byteLength(body)}}:${title}|${body}|h:web1`
        expect(decode(line)).toStrictEqual({ ...EVENT, title, text: body, hostname: 'web1' })
      },
    ),
    { numRuns: 300 },
  )
})
