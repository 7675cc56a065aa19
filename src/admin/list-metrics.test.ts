import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { listMetrics, MOST_LISTED_BYTES, type OpenValue } from './list-metrics.ts'
import { printMetrics } from './print-metrics.ts'
import { timer } from './testdata/fake-services.ts'

function print(metrics: readonly [name: string, value: OpenValue][]): string {
  return printMetrics(listMetrics(metrics, metrics.length))
}

describe('printing', () => {
  const cases: [metrics: [string, OpenValue][], printed: string][] = [
    [[], '{}\n'],
    [[['a', 1]], '{ a: 1 }\n'],
    [[['a', -0]], '{ a: -0 }\n'],
    [
      [
        ['b', 1.5],
        ['10', 2],
        ['2', 3],
      ],
      "{ '2': 3, '10': 2, b: 1.5 }\n",
    ],
    [
      [
        ['__proto__', 1],
        ['constructor', 2],
        ['toString', 3],
        ['hasOwnProperty', 4],
      ],
      "{ ['__proto__']: 1, constructor: 2, toString: 3, hasOwnProperty: 4 }\n",
    ],
    [[['__proto__', timer([1, 2])]], "{ ['__proto__']: [ 1, 2 ] }\n"],
    [[['a.b;env=prod', 1]], "{ 'a.b;env=prod': 1 }\n"],
    [[['é', 1]], "{ 'é': 1 }\n"],
    [[["it's\n\u001b[2J}", 1]], '{ "it\'s\\n\\x1B[2J}": 1 }\n'],
    [[['t', timer([])]], '{ t: [] }\n'],
    [[['t', timer([12, 7.25])]], '{ t: [ 12, 7.25 ] }\n'],
  ]
  test.each(cases)('%j', (metrics, printed) => {
    expect(print(metrics)).toBe(`${printed}END\n\n`)
  })

  test('pollutes nothing', () => {
    print([['__proto__', timer([1])]])
    expect(Object.hasOwn(Object.prototype, '0')).toBe(false)
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  })

  test('a timer of which only the beginning is known looks like one that is whole', () => {
    for (const count of [99, 100, 101, 102, 150, 1023, 5000]) {
      const all = Array.from({ length: count }, (_, index) => index * 3)
      const printed = print([['t', { values: all.slice(0, 100), valueCount: count }]])
      expect(printed).toBe(`${inspect({ t: all })}\nEND\n\n`)
    }
  })

  test('a timer tells how many of its values are not shown, however many there are', () => {
    const values = Array.from({ length: 100 }, (_, index) => index)
    expect(print([['t', { values, valueCount: 100 }]])).not.toContain('more')
    expect(print([['t', { values, valueCount: 101 }]])).toContain('99,\n    ... 1 more item\n  ]\n}\nEND\n\n')
    const timers = Array.from({ length: 1000 }, (_, index): [string, OpenValue] => {
      return [`t${index}`, { values, valueCount: 400_000_000 }]
    })
    expect(print(timers)).toContain('... 399999900 more items\n')
  })
})

describe('what does not fit into one answer', () => {
  const value = timer(Array.from({ length: 100 }, (_, index) => index / 3))
  const tables: [title: string, metrics: [string, OpenValue][]][] = [
    ['many names', Array.from({ length: 100_000 }, (_, index) => [`stats.some.name.${index}`, index])],
    ['many timers', Array.from({ length: 10_000 }, (_, index) => [`t${index}`, value])],
    ['long names', Array.from({ length: 1000 }, (_, index) => [`${index}${'é'.repeat(5_000)}`, 1])],
  ]
  test.each(tables)('is left out and counted: %s', (_title, metrics) => {
    const listing = listMetrics(metrics, metrics.length)
    const printed = printMetrics(listing)
    expect(Buffer.byteLength(printed)).toBeLessThan(MOST_LISTED_BYTES + 100)
    expect(Buffer.byteLength(printed)).toBeGreaterThan(MOST_LISTED_BYTES / 2)
    expect(printed).toContain(`\n}\n... ${metrics.length - listing.metrics.size} more metrics\nEND\n\n`)
  })

  test('is not asked for', () => {
    let taken = 0
    function* endless(): Iterable<readonly [string, OpenValue]> {
      for (;;) yield [`name-${taken++}`, 1]
    }
    const { metrics } = listMetrics(endless(), 1_000_000_000)
    expect(taken).toBe(metrics.size + 1)
  })
})
