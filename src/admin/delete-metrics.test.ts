import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { deleteMetrics, matchMetrics } from './delete-metrics.ts'

interface MatchCase {
  readonly id: string
  readonly kind: string
  readonly input: { readonly stats: Record<string, number>; readonly bucket: string; readonly args: string[] }
  readonly expect: unknown
}

const peerCases = JSON.parse(
  readFileSync(new URL('testdata/peer-cases.json', import.meta.url), 'utf8'),
) as MatchCase[]

describe("etsy's cases", () => {
  test.each(peerCases.filter(({ kind }) => kind === 'mgmt_match'))('$id', ({ input, expect: wanted }) => {
    expect(matchMetrics(new Map(Object.entries(input.stats)), [input.bucket])).toEqual([wanted])
  })

  test.each(peerCases.filter(({ kind }) => kind === 'mgmt_delete'))('$id', ({ input, expect: wanted }) => {
    const metrics = new Map(Object.entries(input.stats))
    deleteMetrics(metrics, input.args)
    expect(Object.fromEntries(metrics)).toEqual((wanted as { remaining: unknown }).remaining)
  })
})

describe('matching', () => {
  const names = ['a', 'a.b', 'a.b.c', 'a.bc', 'ab', 'x', '.dot', 'a.b;env=prod', '__proto__', 'a.*']
  const cases: [given: string[], wanted: string[][]][] = [
    [[], []],
    [[''], [[]]],
    [['a'], [['a']]],
    [['a.*'], [['a.b', 'a.b.c', 'a.bc', 'a.b;env=prod', 'a.*']]],
    [['a.b.*'], [['a.b.c']]],
    [['*'], [[]]],
    [['.*'], [['.dot']]],
    [['a*'], [[]]],
    [['a.b*'], [[]]],
    [['x.*'], [[]]],
    [['a.b;env=prod'], [['a.b;env=prod']]],
    [['__proto__'], [['__proto__']]],
    [
      ['constructor', 'toString', 'hasOwnProperty'],
      [[], [], []],
    ],
    [
      ['x', 'x'],
      [['x'], []],
    ],
    [
      ['a.b.*', 'a.b', 'a.*', 'a.bc'],
      [['a.b.c'], ['a.b'], ['a.bc', 'a.b;env=prod', 'a.*'], []],
    ],
  ]
  test.each(cases)('%j', (given, wanted) => {
    expect(matchMetrics(new Set(names), given)).toEqual(wanted)
  })

  test('is what looking at one argument after the other would be', () => {
    const name = fc.array(fc.constantFrom('a', 'b', '', '*', 'é'), { minLength: 1, maxLength: 4 })
    const dotted = name.map((nodes) => nodes.join('.'))
    fc.assert(
      fc.property(fc.uniqueArray(dotted), fc.array(dotted, { maxLength: 6 }), (all, given) => {
        expect(matchMetrics(new Set(all), given)).toEqual(oneAfterTheOther(all, given))
      }),
      { numRuns: 300 },
    )
  })
})

test('the names of deleted metrics are told as far as there is room, and all are deleted', () => {
  const long = 'x'.repeat(1000)
  const metrics = new Map(Array.from({ length: 2000 }, (_, index) => [`a.${index}.${long}`, 0]))
  const [all, one] = deleteMetrics(metrics, ['a.*', 'b'])
  expect(metrics.size).toBe(0)
  expect(all?.count).toBe(2000)
  expect(all?.names.length).toBeGreaterThan(1000)
  expect(all?.names.length).toBeLessThan(1050)
  expect(one).toEqual({ argument: 'b', count: 0, names: [] })
})

/** The clear version. */
function oneAfterTheOther(all: readonly string[], given: readonly string[]): string[][] {
  let left = [...all]
  return given.map((argument) => {
    const isMatch = (name: string): boolean =>
      name === argument || (argument.endsWith('.*') && name.startsWith(argument.slice(0, -1)))
    const matches = left.filter(isMatch)
    left = left.filter((name) => !isMatch(name))
    return matches
  })
}
