import { describe, expect, test } from 'vitest'
import { isOwnMetric, matchesSearch, readSeriesName, showHidden } from './series-name.ts'

describe('a key is taken apart', () => {
  const cases: [key: string, prefix: string, leaf: string, tags: [string, string][]][] = [
    ['hello', '', 'hello', []],
    ['shop.checkout.time', 'shop.checkout.', 'time', []],
    [
      'a.b;env=prod;host=web1',
      'a.',
      'b',
      [
        ['env', 'prod'],
        ['host', 'web1'],
      ],
    ],
    ['a;path=/x=y', '', 'a', [['path', '/x=y']]],
    ['a;bare', '', 'a', [['bare', '']]],
    ['__proto__;__proto__=constructor', '', '__proto__', [['__proto__', 'constructor']]],
    ['a.', '', 'a.', []],
    ['...', '..', '.', []],
    ['', '', '', []],
    ['<img src=x onerror=alert(1)>', '', '<img src=x onerror=alert(1)>', []],
  ]
  test.each(cases)('%s', (key, prefix, leaf, tags) => {
    expect(readSeriesName(key)).toEqual({
      prefix,
      leaf,
      tags: tags.map(([tagKey, value]) => ({ key: tagKey, value })),
    })
  })
})

test('characters that hide or reorder text are spelled out, others stay', () => {
  expect(showHidden('a\u202eb\u0000c\u200bd\ud800')).toBe('a\\u{202e}b\\u{0}c\\u{200b}d\\u{d800}')
  expect(showHidden('größe.日本.😀 <b>')).toBe('größe.日本.😀 <b>')
  const joined = ['👩‍🚀', '🏳️‍🌈', '👩🏽‍🚀', '👨‍👩‍👧']
  expect(joined.map(showHidden)).toEqual(joined)
  expect(showHidden('a\u200db 👩\u200dx \u200d🚀')).toBe('a\\u{200d}b 👩\\u{200d}x \\u{200d}🚀')
})

test('a search is words, in any order and case, in name or tags', () => {
  const key = 'shop.Checkout.time;env=prod'
  expect(matchesSearch(key, '')).toBe(true)
  expect(matchesSearch(key, 'time CHECK')).toBe(true)
  expect(matchesSearch(key, 'env=prod')).toBe(true)
  expect(matchesSearch(key, 'time staging')).toBe(false)
  expect(matchesSearch(key, '.*')).toBe(false)
})

test('what begins with Kymo’s own prefix is its own', () => {
  expect(['statsd.bad_lines_seen', 'statsd.graphiteStats.last_flush'].every(isOwnMetric)).toBe(true)
  expect(['statsd', 'statsd_requests', 'app.statsd.x'].some(isOwnMetric)).toBe(false)
})
