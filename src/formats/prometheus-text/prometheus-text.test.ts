import { describe, expect, test } from 'vitest'
import { formatLabels, type Label, type MetricFamily } from '../../model/metric-family.ts'
import { decodeTextLines, type TextLine } from './decode-lines.ts'
import { encodeFamilies, type TextDialect } from './encode-families.ts'
import { negotiate } from './negotiate.ts'

const labelled = (labels: readonly Label[]) => ({ labels, labelsText: formatLabels(labels) })

const FAMILIES: readonly MetricFamily[] = [
  {
    name: 'hits',
    type: 'counter',
    help: 'Back\\slash, "quote",\nline.',
    series: [
      { ...labelled([]), value: 7 },
      { ...labelled([['path', '/a"b\\c\nd']]), value: 0.5 },
    ],
  },
  { name: 'bytes_total', type: 'counter', help: '', series: [{ ...labelled([]), value: 1e21 }] },
  {
    name: 'temperature',
    type: 'gauge',
    help: '',
    series: [{ ...labelled([]), value: Number.NEGATIVE_INFINITY }],
  },
  {
    name: 'size',
    type: 'histogram',
    help: '',
    series: [
      {
        ...labelled([['a', 'b']]),
        histogram: { sum: 12.5, count: 6, edges: [0.5, 1], counts: [1, 2, 3] },
      },
    ],
  },
  {
    name: 'took',
    type: 'summary',
    help: '',
    series: [
      {
        ...labelled([]),
        summary: {
          sum: 1,
          count: 2,
          quantiles: [
            { quantile: 0.5, value: 0.25 },
            { quantile: 1, value: Number.NaN },
          ],
        },
      },
    ],
  },
  { name: 'odd', type: 'untyped', help: '', series: [{ ...labelled([]), value: 3 }] },
]

const TEXT = `# HELP hits Back\\\\slash, "quote",\\nline.
# TYPE hits counter
hits 7
hits{path="/a\\"b\\\\c\\nd"} 0.5
# TYPE bytes_total counter
bytes_total 1e+21
# TYPE temperature gauge
temperature -Inf
# TYPE size histogram
size_bucket{a="b",le="0.5"} 1
size_bucket{a="b",le="1"} 3
size_bucket{a="b",le="+Inf"} 6
size_sum{a="b"} 12.5
size_count{a="b"} 6
# TYPE took summary
took{quantile="0.5"} 0.25
took{quantile="1"} NaN
took_sum 1
took_count 2
# TYPE odd untyped
odd 3
`

const OPEN_METRICS = `# HELP hits Back\\\\slash, \\"quote\\",\\nline.
# TYPE hits counter
hits_total 7
hits_total{path="/a\\"b\\\\c\\nd"} 0.5
# TYPE bytes counter
bytes_total 1e+21
# TYPE temperature gauge
temperature -Inf
# TYPE size histogram
size_bucket{a="b",le="0.5"} 1
size_bucket{a="b",le="1.0"} 3
size_bucket{a="b",le="+Inf"} 6
size_sum{a="b"} 12.5
size_count{a="b"} 6
# TYPE took summary
took{quantile="0.5"} 0.25
took{quantile="1.0"} NaN
took_sum 1
took_count 2
# TYPE odd unknown
odd 3
# EOF
`

const DIALECTS = [
  ['text', TEXT],
  ['openmetrics', OPEN_METRICS],
] as const

function encode(families: Iterable<MetricFamily>, dialect: TextDialect): string {
  return Buffer.concat([...encodeFamilies(families, dialect)]).toString()
}

describe('families are written', () => {
  test.each(DIALECTS)('as %s', (dialect, text) => {
    expect(encode(FAMILIES, dialect)).toBe(text)
  })

  test('nothing is an empty text, and an end', () => {
    expect([encode([], 'text'), encode([], 'openmetrics')]).toEqual(['', '# EOF\n'])
  })

  test('two counters that OpenMetrics takes for one are both there', () => {
    const counter = (name: string, value: number): MetricFamily => ({
      name,
      type: 'counter',
      help: '',
      series: [{ ...labelled([]), value }],
    })
    expect(encode([counter('a_total', 1), counter('a', 2)], 'openmetrics')).toBe(
      '# TYPE a counter\na_total 1\na 2\n# EOF\n',
    )
  })

  test('in pieces, each with whole lines', () => {
    const series = Array.from({ length: 10_000 }, (_, index) => ({
      ...labelled([['index', String(index)]]),
      value: index,
    }))
    const pieces = [...encodeFamilies([{ name: 'many', type: 'gauge', help: '', series }], 'text')]
    expect(pieces.length).toBeGreaterThan(3)
    for (const piece of pieces) {
      expect(piece.length).toBeLessThan(70_000)
      expect(piece.at(-1)).toBe(10)
    }
  })
})

describe('lines are read', () => {
  const sampleOf = (text: string, isOpenMetrics = false): TextLine | undefined =>
    decodeTextLines(text, isOpenMetrics).next().value ?? undefined

  test.each(DIALECTS)('what was written as %s comes back', (dialect, text) => {
    const lines = [...decodeTextLines(text, dialect === 'openmetrics')]
    expect(lines.filter(({ kind }) => kind === 'problem')).toEqual([])
    const samples = lines.flatMap((line) => (line.kind === 'sample' ? [line] : []))
    expect(samples).toHaveLength(14)
    expect(samples[1]).toMatchObject({ labels: [['path', '/a"b\\c\nd']], value: 0.5 })
    expect(lines[0]).toEqual({ kind: 'help', name: 'hits', text: 'Back\\slash, "quote",\nline.' })
    expect(lines.filter(({ kind }) => kind === 'end')).toHaveLength(dialect === 'openmetrics' ? 1 : 0)
  })

  test.each([
    ['a 1', [], 1, undefined],
    ['a{} 1e3 1700000000123', [], 1_000, 1_700_000_000_123],
    [
      'a{ b = "c" , d="" , } +Inf -5',
      [
        ['b', 'c'],
        ['d', ''],
      ],
      Number.POSITIVE_INFINITY,
      -5,
    ],
    ['a:b\tNaN\r', [], Number.NaN, undefined],
    ['a{b="}"} 1 # {trace="x"} 2', [['b', '}']], 1, undefined],
  ])('%j', (text, labels, value, timeMs) => {
    expect(sampleOf(text)).toMatchObject({ kind: 'sample', labels, value, timeMs })
  })

  test('times of OpenMetrics are seconds', () => {
    expect(sampleOf('a 1 1700000000.5', true)).toMatchObject({ timeMs: 1_700_000_000_500 })
  })

  test.each([
    ['1a 1', 'no name'],
    ['a', 'no value'],
    ['a x', 'no value'],
    ['a 0x10', 'no value'],
    ['a{b="c"}1', 'no value'],
    ['a{b="c" 1', 'labels that are none'],
    ['a{b=c} 1', 'labels that are none'],
    ['a{b="c} 1', 'labels that are none'],
    ['a{b="c",b="d"} 1', 'a label that comes twice'],
    ['a 1 soon', 'a time that is none'],
    ['a 1 2 3', 'something behind the time'],
  ])('%j is none', (text, problem) => {
    expect([...decodeTextLines(`ok 1\n${text}\nok 2\n`)]).toEqual([
      expect.objectContaining({ name: 'ok' }),
      { kind: 'problem', lineNumber: 2, text: problem },
      expect.objectContaining({ name: 'ok' }),
    ])
  })

  test('a long line of quotes takes no time to speak of', () => {
    const [line] = decodeTextLines(`a{b="${'\\"'.repeat(200_000)}`)
    expect(line?.kind).toBe('problem')
  })
})

describe('what is asked for', () => {
  test.each([
    [undefined, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/html,application/xhtml+xml', 'text'],
    ['application/openmetrics-text; version=1.0.0', 'openmetrics'],
    ['application/openmetrics-text;version="1.0.0",*/*;q=0.1', 'openmetrics'],
    ['application/openmetrics-text;version=2.0.0', 'text'],
    ['application/openmetrics-text;version=1.0.0;q=0', 'text'],
    // Prometheus 2.42, and with native histograms.
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'text',
    ],
    [
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5',
      'protobuf',
    ],
    ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text', 'text'],
    ['text/plain;version=1.0.0,application/openmetrics-text', 'openmetrics'],
  ])('%j: %s', (accept, format) => {
    expect(negotiate(accept)).toBe(format)
  })
})
