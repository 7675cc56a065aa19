import { describe, expect, test } from 'vitest'
import { createSeries } from './create-series.ts'
import { nodeKey } from './node-key.ts'

function keyOf(name: string, nodes: (number | string)[], tags: Record<string, string> = {}): string {
  const series = { name, startSeconds: 0, endSeconds: 10, stepSeconds: 10, values: Float64Array.of(1), tags }
  return nodeKey(createSeries(series), nodes)
}

describe('nodes and tags of a name', () => {
  const cases: [name: string, nodes: (number | string)[], key: string][] = [
    ['a.b.c', [0], 'a'],
    ['a.b.c', [2, 0], 'c.a'],
    ['a.b.c', [-1], 'c'],
    ['a.b.c', [7], ''],
    ['a.b.c', [7, 1], '.b'],
    ['a.b;host=web1', [1], 'b'],
    ['a.b;host=web1', ['host', 0], 'web1.a'],
    ['a.b', ['nothing', '__proto__'], '.'],
    ['scale(a.b.c,2)', [1], 'b'],
    ['summarize(scale(a.b.c,2), "1h", "sum")', [-1], 'c'],
    ['sumSeries(a.*.c,b)', [1], '*'],
    ['scale(a.b;host=web1,2)', [1], 'b'],
    // A name that is read as far as it can be.
    ['my alias (x)', [0], 'my'],
    ['scale(a.b,2) and (more)', [1], 'b'],
    ['scale(a.b (x),2)', [0], 'scale'],
    ['constantLine(5)', [0], 'constantLine(5)'],
    ['()', [0], '()'],
    [')', [0], ')'],
    ['', [0], ''],
    [`${'('.repeat(10_000)})`, [0], `${'('.repeat(10_000)})`],
  ]
  test.each(cases)('%s at %j', (name, nodes, key) => {
    expect(keyOf(name, nodes, { host: 'web1' })).toBe(key)
  })
})
