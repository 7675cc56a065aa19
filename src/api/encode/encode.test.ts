import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { QuerySeries } from '../../query/query-series.ts'
import { findTimeZone } from '../../query/time-zone.ts'
import { encodeCsv } from './csv.ts'
import { encodeJson, encodeSeriesJson } from './json.ts'
import { encodeDygraph } from './dygraph.ts'
import { encodeRaw } from './raw.ts'
import { encodeRickshaw } from './rickshaw.ts'
import { encodeSeriesMsgpack, encodeSeriesPickle } from './series-info.ts'

const _ = Number.NaN
const plain = { callback: undefined, isPretty: false, isWithoutNulls: false, maxBytes: 1_000_000 }

function series(name: string, values: readonly number[]): QuerySeries {
  return {
    name,
    pathExpression: name,
    tags: { name },
    startSeconds: 1_700_000_010,
    endSeconds: 1_700_000_010 + values.length * 10,
    stepSeconds: 10,
    values: new Float64Array(values),
    consolidation: 'average',
    xFilesFactor: 0,
  }
}

function zone(name: string) {
  const found = findTimeZone(name)
  if (found === undefined) throw new Error(name)
  return found
}

function textOf(answer: { body: Uint8Array }): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(answer.body)
}

const VALUES = [1, _, 0.1 + 0.2, -0, 1e21, 5e-324, -1.5, Number.POSITIVE_INFINITY]

/** Names that anyone may send, and what each format makes of them. */
const HOSTILE = [
  '__proto__',
  'constructor',
  '</script><img src=x onerror=alert(1)>',
  'a"b',
  "a'b",
  'a\\b',
  'a,b',
  'a|b',
  'a;b=c',
  'a\nb',
  'a\r\nb',
  'a\u0000b',
  '\u2028',
  '\u2029',
  'größe',
  '😀',
  '\ud800',
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '',
  ' ',
  '"=1"',
  ']}])',
  '1,2,3|4',
]

describe('json', () => {
  test('is targets, tags and pairs of value and seconds', () => {
    const answer = encodeSeriesJson([series('a', VALUES), series('b', [])], plain)
    expect(answer.contentType).toBe('application/json')
    expect(textOf(answer)).toBe(
      '[{"target":"a","tags":{"name":"a"},"datapoints":[[1,1700000010],[null,1700000020],' +
        '[0.30000000000000004,1700000030],[-0.0,1700000040],[1e+21,1700000050],[5e-324,1700000060],' +
        '[-1.5,1700000070],[null,1700000080]]},{"target":"b","tags":{"name":"b"},"datapoints":[]}]',
    )
  })

  test('without series is an empty list', () => {
    expect(textOf(encodeSeriesJson([], plain))).toBe('[]')
  })

  test('without nulls leaves out series that have nothing else', () => {
    const list = [series('a', [_, _]), series('b', [_, 2]), series('c', [])]
    expect(JSON.parse(textOf(encodeSeriesJson(list, { ...plain, isWithoutNulls: true })))).toEqual([
      { target: 'b', tags: { name: 'b' }, datapoints: [[2, 1_700_000_020]] },
    ])
  })

  test('pretty is the same with a datapoint a line', () => {
    const list = [series('a', [1, _]), series('b', [])]
    const pretty = textOf(encodeSeriesJson(list, { ...plain, isPretty: true }))
    expect(JSON.parse(pretty)).toEqual(JSON.parse(textOf(encodeSeriesJson(list, plain))))
    expect(pretty).toContain('\n      [1,1700000010],\n      [null,1700000020]\n')
  })

  test('with a callback is a script', () => {
    const answer = encodeSeriesJson([], { ...plain, callback: 'my.$cb' })
    expect(answer.contentType).toMatch(/^text\/javascript/)
    expect(textOf(answer)).toBe('my.$cb([])')
    expect(textOf(encodeJson({ a: 1 }, { ...plain, callback: 'f' }))).toBe('f({"a":1})')
  })

  test.each(HOSTILE)('carries the name %j unharmed', (name) => {
    const text = textOf(encodeSeriesJson([series(name, [1])], plain))
    expect(JSON.parse(text)).toMatchObject([{ target: name, tags: { name } }])
    expect(text).not.toMatch(/[\u2028\u2029\n]/)
  })

  test('any values and times are written the same, with lines between them and without', () => {
    const edges = [
      0,
      -0,
      1,
      -1,
      9,
      10,
      99,
      2 ** 31 - 1,
      2 ** 31,
      -(2 ** 31),
      -(2 ** 31) - 1,
      2 ** 32,
      2 ** 53,
      1e308,
      -1e-308,
    ]
    const value = fc.oneof(
      fc.constantFrom(...edges, Number.NaN, Number.POSITIVE_INFINITY),
      fc.integer(),
      fc.double(),
    )
    const start = fc.constantFrom(0, 7, 1_700_000_010, 2 ** 31 - 20, 2 ** 31, 1e11, -50)
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 30 }),
        start,
        fc.boolean(),
        (values, startSeconds, isWithoutNulls) => {
          const list = [
            { ...series('a', values), startSeconds, endSeconds: startSeconds + values.length * 10 },
          ]
          const write = (isPretty: boolean): string =>
            textOf(encodeSeriesJson(list, { ...plain, isWithoutNulls, isPretty }))
          expect(write(true).replace(/\s/g, '')).toBe(write(false))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('any finite value comes back the same', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const [one] = JSON.parse(textOf(encodeSeriesJson([series('a', [value])], plain))) as {
          datapoints: number[][]
        }[]
        expect(one?.datapoints[0]?.[0]).toBe(value)
      }),
      { numRuns: 200 },
    )
  })
})

test('json shows what lies up to the end of a series, raw all there is', () => {
  const cut = { ...series('a', [1, 2, 3, 4]), endSeconds: 1_700_000_030 }
  expect(textOf(encodeSeriesJson([cut], plain))).toContain(
    '"datapoints":[[1,1700000010],[2,1700000020],[3,1700000030]]',
  )
  expect(textOf(encodeRaw([cut], { maxBytes: 1000 }))).toContain('|1,2,3,4')
})

describe('raw', () => {
  test('is a line a series', () => {
    const answer = encodeRaw([series('a', VALUES), series('scale(b,2)', [])], { maxBytes: 1000 })
    expect(answer.contentType).toMatch(/^text\/plain/)
    expect(textOf(answer)).toBe(
      'a,1700000010,1700000090,10|1,None,0.30000000000000004,-0.0,1e+21,5e-324,-1.5,None\n' +
        'scale(b,2),1700000010,1700000010,10|\n',
    )
  })

  test.each(HOSTILE)('stays one line that can be taken apart with the name %j', (name) => {
    const lines = textOf(encodeRaw([series(name, [1, _])], { maxBytes: 1000 })).split(/[\n\r\u2028\u2029]/)
    expect(lines.length).toBe(2)
    expect(lines[0]).toMatch(/,1700000010,1700000030,10\|1,None$/)
  })
})

describe('csv', () => {
  test('is a row a point, in the zone asked for', () => {
    const answer = encodeCsv([series('a', [1, _, -2.5])], { timeZone: zone('Europe/Berlin'), maxBytes: 1000 })
    expect(answer.contentType).toMatch(/^text\/csv/)
    expect(textOf(answer)).toBe(
      'a,2023-11-14 23:13:30,1\r\na,2023-11-14 23:13:40,\r\na,2023-11-14 23:13:50,-2.5\r\n',
    )
  })

  test('follows the clocks when they change', () => {
    const hour = { ...series('a', [1, 2]), startSeconds: 1_711_846_800 - 10 }
    expect(textOf(encodeCsv([hour], { timeZone: zone('Europe/Berlin'), maxBytes: 1000 }))).toBe(
      'a,2024-03-31 01:59:50,1\r\na,2024-03-31 03:00:00,2\r\n',
    )
  })

  const names: [name: string, cell: string][] = [
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\r\nb', '"a\r\nb"'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1,A2)', '"\'@SUM(A1,A2)"'],
    ['\t=1', "'\t=1"],
    ['"=1"', '"""=1"""'],
    ['a=1', 'a=1'],
    ['größe', 'größe'],
  ]
  test.each(names)('the name %j is the cell %j', (name, cell) => {
    const text = textOf(encodeCsv([series(name, [7])], { timeZone: zone('UTC'), maxBytes: 1000 }))
    expect(text).toBe(`${cell},2023-11-14 22:13:30,7\r\n`)
  })
})

describe('dygraph', () => {
  test('is a table of milliseconds and a column a series', () => {
    const answer = encodeDygraph(
      [series('a', [1, _, Number.POSITIVE_INFINITY]), series('b"', [2, 3, 4])],
      plain,
    )
    expect(answer.contentType).toBe('application/json')
    expect(textOf(answer)).toBe(
      '{"labels":["Time","a","b\\""],"data":[[1700000010000,1,2],[1700000020000,null,3],[1700000030000,null,4]]}',
    )
  })

  test('has a row for every time of any of the series', () => {
    const slow = { ...series('slow', [5, 6]), startSeconds: 1_700_000_000, stepSeconds: 20 }
    expect(JSON.parse(textOf(encodeDygraph([series('a', [1, 2]), slow], plain)))).toEqual({
      labels: ['Time', 'a', 'slow'],
      data: [
        [1_700_000_000_000, null, 5],
        [1_700_000_010_000, 1, null],
        [1_700_000_020_000, 2, 6],
      ],
    })
  })

  test('without series is an empty object, and may be wrapped', () => {
    expect(textOf(encodeDygraph([], { ...plain, callback: 'f' }))).toBe('f({})')
  })
})

describe('rickshaw', () => {
  test('is a list of x and y', () => {
    const list = [series('a', [1, _]), series('b', [])]
    const text = textOf(encodeRickshaw(list, plain))
    expect(text).toBe(
      '[{"target":"a","datapoints":[{"x":1700000010,"y":1},{"x":1700000020,"y":null}]},{"target":"b","datapoints":[]}]',
    )
    expect(JSON.parse(textOf(encodeRickshaw(list, { ...plain, isPretty: true })))).toEqual(JSON.parse(text))
    expect(textOf(encodeRickshaw([], { ...plain, callback: 'f' }))).toBe('f([])')
  })
})

describe('what another graphite-web asks for', () => {
  const list = [{ ...series('a', [1, _]), consolidation: 'max' as const, xFilesFactor: 0.5 }]

  test('has all that it goes on calculating with, and no class', () => {
    const pickle = encodeSeriesPickle(list, { maxBytes: 1000 })
    expect(pickle.contentType).toBe('application/pickle')
    const text = Buffer.from(pickle.body).toString('latin1')
    for (const name of [
      'name',
      'start',
      'end',
      'step',
      'values',
      'pathExpression',
      'valuesPerPoint',
      'consolidationFunc',
      'xFilesFactor',
    ])
      expect(text).toContain(`${String.fromCharCode(name.length)}\0\0\0${name}`)
  })

  test('comes as MessagePack as well', () => {
    const msgpack = encodeSeriesMsgpack(list, { maxBytes: 1000 })
    expect(msgpack.contentType).toBe('application/x-msgpack')
    expect(Buffer.from(msgpack.body).toString('hex')).toMatch(/^9189a46e616d65a161a57374617274d3/)
  })
})

describe('every answer', () => {
  const many = Array.from({ length: 200 }, (_value, index) =>
    series(
      `näme.${index}`,
      Array.from({ length: 500 }, () => index),
    ),
  )

  test('that is long is whole', () => {
    const parsed = JSON.parse(textOf(encodeSeriesJson(many, { ...plain, maxBytes: 1e8 }))) as unknown[]
    expect(parsed.length).toBe(200)
    expect(textOf(encodeRaw(many, { maxBytes: 1e8 })).split('\n').length).toBe(201)
    expect(textOf(encodeCsv(many, { timeZone: zone('UTC'), maxBytes: 1e8 })).split('\r\n').length).toBe(
      100_001,
    )
  })

  test('owns its memory', () => {
    const { body } = encodeSeriesJson([series('a', [1])], plain)
    expect(body.buffer.byteLength).toBe(body.byteLength)
    expect(structuredClone(body, { transfer: [body.buffer as ArrayBuffer] }).length).toBeGreaterThan(10)
  })

  test.each([
    ['json', (maxBytes: number) => encodeSeriesJson(many, { ...plain, maxBytes })],
    ['raw', (maxBytes: number) => encodeRaw(many, { maxBytes })],
    ['csv', (maxBytes: number) => encodeCsv(many, { timeZone: zone('UTC'), maxBytes })],
    ['dygraph', (maxBytes: number) => encodeDygraph(many, { ...plain, maxBytes })],
    ['rickshaw', (maxBytes: number) => encodeRickshaw(many, { ...plain, maxBytes })],
    ['a value', (maxBytes: number) => encodeJson('x'.repeat(1001), { ...plain, maxBytes })],
  ])('of %s ends at its limit', (_name, encode) => {
    expect(() => encode(1000)).toThrow(expect.objectContaining({ code: 'answer-too-large' }) as Error)
  })
})
