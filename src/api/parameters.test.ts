import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  mergeParameters,
  noParameters,
  parseForm,
  parseJsonParameters,
  parseQueryString,
} from './parameters.ts'

const form = (text: string) => Object.entries(parseForm(Buffer.from(text)))

describe('a form', () => {
  const cases: [text: string, wanted: [string, string[]][]][] = [
    ['', []],
    ['&&', []],
    ['target=a', [['target', ['a']]]],
    [
      'target=a&from=-1h&target=b',
      [
        ['target', ['a', 'b']],
        ['from', ['-1h']],
      ],
    ],
    ['query=a.{b,c}.*pre*[0-9]|x', [['query', ['a.{b,c}.*pre*[0-9]|x']]]],
    [
      'target=aliasSub(constantLine(100)%2C%20%22(%5E.*%24)%22%2C%20%22%5C1%20A%22)',
      [['target', ['aliasSub(constantLine(100), "(^.*$)", "\\1 A")']]],
    ],
    ['a=b+c%2Bd', [['a', ['b c+d']]]],
    ['a', [['a', ['']]]],
    ['a=', [['a', ['']]]],
    ['=x', [['', ['x']]]],
    ['a=b=c;k=v', [['a', ['b=c;k=v']]]],
    ['a=100%', [['a', ['100%']]]],
    ['a=%zz%4', [['a', ['%zz%4']]]],
    ['a=%e2%82%AC', [['a', ['€']]]],
    ['a=grün', [['a', ['grün']]]],
    ['a=%ff', [['a', ['\ufffd']]]],
    ['a=%00', [['a', ['\0']]]],
    ['%74arget=a', [['target', ['a']]]],
  ]
  test.each(cases)('%j is read', (text, wanted) => {
    expect(form(text)).toEqual(wanted)
  })

  test('names of Object.prototype are ordinary names', () => {
    const parameters = parseForm(Buffer.from('__proto__=a&constructor=b&toString=c&__proto__=d'))
    expect(Object.entries(parameters)).toEqual([
      ['__proto__', ['a', 'd']],
      ['constructor', ['b']],
      ['toString', ['c']],
    ])
    expect(parameters['hasOwnProperty' as string]).toBeUndefined()
  })

  test('what URLSearchParams writes is read back, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' }))),
        (pairs) => {
          const wanted = new Map<string, string[]>()
          for (const [name, value] of pairs) wanted.set(name, [...(wanted.get(name) ?? []), value])
          const read = parseForm(Buffer.from(new URLSearchParams(pairs).toString()))
          expect(new Map(Object.entries(read))).toEqual(wanted)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        parseForm(Buffer.from(bytes))
      }),
      { numRuns: 300 },
    )
  })

  test('more than 10,000 parameters are refused', () => {
    expect(() => parseForm(Buffer.from('a&'.repeat(10_000)))).not.toThrow()
    expect(() => parseForm(Buffer.from('a&'.repeat(10_001)))).toThrow(
      expect.objectContaining({ code: 'request-invalid' }) as Error,
    )
  })
})

describe('a JSON body', () => {
  const cases: [text: string, wanted: [string, string[]][]][] = [
    ['{}', []],
    [
      '{"target":["a","b"],"maxDataPoints":100,"pretty":true,"from":null}',
      [
        ['target', ['a', 'b']],
        ['maxDataPoints', ['100']],
        ['pretty', ['true']],
      ],
    ],
    ['{"__proto__":"a"}', [['__proto__', ['a']]]],
  ]
  test.each(cases)('%s is read', (text, wanted) => {
    expect(Object.entries(parseJsonParameters(Buffer.from(text)))).toEqual(wanted)
  })

  test.each([
    '',
    '{',
    '[]',
    '"a"',
    'null',
    '1',
    '{"a":{}}',
    '{"a":[[1]]}',
    '\ufeff{',
    `${'['.repeat(50_000)}`,
  ])('%.20s is refused', (text) => {
    expect(() => parseJsonParameters(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'request-invalid' }) as Error,
    )
  })
})

test('merged, the values of the first come first', () => {
  const merged = mergeParameters(parseQueryString('a=1&b=2'), parseQueryString('b=3&c=4&__proto__=5'))
  expect(Object.entries(merged)).toEqual([
    ['a', ['1']],
    ['b', ['2', '3']],
    ['c', ['4']],
    ['__proto__', ['5']],
  ])
  expect(Object.keys(mergeParameters(noParameters(), noParameters()))).toEqual([])
})
