import { describe, expect, test } from 'vitest'
import { findTimeZone } from '../query/time-zone.ts'
import { drawGraph, type GraphRequest } from './draw-graph.ts'
import type { GraphSeries, GraphStyle } from './graph-series.ts'

const FROM = 1_772_712_000
const NaN_ = Number.NaN

function series(name: string, values: readonly number[], style?: GraphStyle): GraphSeries {
  return {
    name,
    values: Float64Array.from(values),
    startSeconds: FROM + 60,
    stepSeconds: 60,
    consolidation: 'average',
    ...(style === undefined ? {} : { style }),
  }
}

async function draw(
  all: readonly GraphSeries[],
  parameters: Readonly<Record<string, string>> = {},
  more: Partial<GraphRequest> = {},
): Promise<Uint8Array> {
  const timeZone = findTimeZone('UTC')
  if (timeZone === undefined) throw new Error('no UTC')
  const { body } = await drawGraph(all, {
    fromSeconds: FROM,
    untilSeconds: FROM + 600,
    timeZone,
    format: 'svg',
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
    signal: new AbortController().signal,
    maxBytes: 1e8,
    ...more,
  })
  return body
}

const svg = async (...args: Parameters<typeof draw>): Promise<string> =>
  new TextDecoder().decode(await draw(...args))
const lines = (text: string): string => `${text.replaceAll('><', '>\n<')}\n`
const strokes = (text: string): string[] =>
  [...text.matchAll(/<path d="([^"]*)" stroke="#[0-9a-f]*"[^>]*stroke-linejoin/g)].map((m) => m[1] ?? '')
const RISING = Array.from({ length: 10 }, (_, i) => i)

test.each<[name: string, all: GraphSeries[], parameters: Record<string, string>]>([
  [
    'line',
    [series('web.requests', [3, 5, NaN_, 4, 8, NaN_, 2, 6, 7, 5])],
    { title: 'Requests', width: '300' },
  ],
  [
    'stacked',
    [series('a', RISING), series('b', [...RISING].reverse())],
    { areaMode: 'stacked', width: '300' },
  ],
  ['pie', [series('a', [1]), series('b', [2]), series('c', [0.05])], { graphType: 'pie', width: '300' }],
  ['no-data', [], { width: '300' }],
])('%s is drawn as it was', async (name, all, parameters) => {
  await expect(lines(await svg(all, parameters))).toMatchFileSnapshot(`testdata/${name}.svg`)
})

describe('how lines go', () => {
  // 100 x 100 pixels of nothing but lines: 10 pixels a point.
  const bare = { graphOnly: '1', width: '100', height: '100', yMin: '0', yMax: '10' }
  test.each<[parameters: Record<string, string>, values: number[], wanted: string[]]>([
    [{}, [0, 5, 10], ['M10 100L20 50L30 0']],
    [{}, [0, 5, NaN_, 5, 0], ['M10 100L20 50M40 50L50 100']],
    [{}, [0, 5, NaN_, 5, NaN_], ['M10 100L20 50', 'M40 50h.01']],
    [{ lineMode: 'staircase' }, [0, NaN_, 5], ['M9.09 100L18.18 100M27.27 50L36.36 50']],
    [{ lineMode: 'connected' }, [0, NaN_, NaN_, 5], ['M10 100L40 50']],
    [
      { lineMode: 'connected', connectedLimit: '1' },
      [0, NaN_, 5, NaN_, NaN_, 5, 0],
      ['M10 100L30 50M60 50L70 100'],
    ],
    [{ drawNullAsZero: 'true' }, [5, NaN_, 5], ['M7.5 50L15 100L22.5 50']],
    [{ minXStep: '20' }, [4, 6, 2, 4], ['M0 60L20 60L40 60']],
    [{ yMax: '1' }, [0, 100], ['M10 100L20 -1900']],
    [{ yMax: '1' }, [50, 100], []],
    [{ logBase: '10', yMin: '1', yMax: '100' }, [1, 0, 10, 100], ['M30 50L40 0', 'M10 100h.01']],
  ])('%j', async (parameters, values, wanted) => {
    // As long as the range, so that it ends where that does.
    const whole = [...values, ...Array<number>(10 - values.length).fill(NaN_)]
    const drawn = strokes(
      await svg([series('a', parameters.drawNullAsZero === undefined ? whole : values)], {
        ...bare,
        ...parameters,
        ...(parameters.drawNullAsZero === undefined ? {} : { width: '30' }),
      }),
    )
    expect(drawn).toEqual(wanted)
  })
})

describe('what functions ask for', () => {
  test.each<[style: GraphStyle, pattern: RegExp]>([
    [{ color: 'ff8800' }, /stroke="#ff8800"/],
    [{ color: 'ff880080' }, /stroke="#ff8800" stroke-opacity="0.5"/],
    [{ lineWidth: 4 }, /stroke-width="4"/],
    [{ dashed: 7 }, /stroke-dasharray="7 7"/],
    [{ alpha: 0.25 }, /stroke-opacity="0.25"/],
    [{ isDrawnAsInfinite: true }, /d="M[\d.]+ \d+V\d+/],
    [{ isOnSecondYAxis: true }, />a \(right\)</],
    [{ isStacked: true }, /fill-opacity="0.7"/],
  ])('%j', async (style, pattern) => {
    expect(await svg([series('a', RISING, style)])).toMatch(pattern)
  })

  test('what is invisible is neither drawn nor named', async () => {
    const text = await svg([series('low', RISING, { isStacked: true, isInvisible: true })])
    expect(text).not.toContain('>low<')
    expect(strokes(text)).toEqual([])
  })

  test('a colour that is none is refused by name', async () => {
    await expect(draw([series('a', RISING, { color: '"><script>' })])).rejects.toMatchObject({
      code: 'request-invalid',
      message: expect.stringMatching(/color\(\) of "a": .* is no colour/) as string,
    })
  })
})

describe('the legend', () => {
  const many = (count: number): GraphSeries[] =>
    Array.from({ length: count }, (_, i) => series(`s${i}`, [i, i]))
  test.each<[count: number, parameters: Record<string, string>, wanted: boolean]>([
    [10, {}, true],
    [11, {}, false],
    [11, { hideLegend: 'false' }, true],
    [2, { hideLegend: 'true' }, false],
    [2, { graphOnly: 'true' }, false],
  ])('of %d series with %j', async (count, parameters, wanted) => {
    expect((await svg(many(count), parameters)).includes('>s1</text>')).toBe(wanted)
  })

  test('says how many it leaves out', async () => {
    expect(await svg(many(300), { hideLegend: '0' })).toMatch(/>and \d{2,3} more<\/text>/)
  })

  test('names each once, and what has no value not, where that is asked', async () => {
    const all = [series('a', RISING), series('a', RISING), series('none', [NaN_])]
    const text = await svg(all, { uniqueLegend: '1', hideNullFromLegend: '1' })
    expect(text.match(/>a<\/text>/g)).toHaveLength(1)
    expect(text).not.toContain('>none<')
  })
})

describe('bytes', () => {
  const all = [series('web.a', RISING), series('שלום 😀', [5, NaN_, 3])]
  test.each(['png', 'svg'] as const)('of %s are the same each time, and own their memory', async (format) => {
    const [first, second] = [await draw(all, {}, { format }), await draw(all, {}, { format })]
    expect(Buffer.compare(first, second)).toBe(0)
    expect(first.byteLength).toBe(first.buffer.byteLength)
  })

  test.each([
    [{}, 330, 250],
    [{ width: '64', height: '48' }, 64, 48],
    [{ width: '64', height: '48', pixelRatio: '2' }, 128, 96],
    [{ width: '1', height: '1' }, 1, 1],
  ])('of a PNG with %j are %d x %d pixels', async (parameters, width, height) => {
    const image = Buffer.from(await draw(all, parameters, { format: 'png' }))
    expect(image.subarray(0, 8)).toEqual(Buffer.from('89504e470d0a1a0a', 'hex'))
    expect([image.readUInt32BE(16), image.readUInt32BE(20)]).toEqual([width, height])
  })

  test('hold text: without fonts the title would take no room', async () => {
    const sizes = ['', 'MMMMMMMMMMMMMM'].map(
      async (title) => (await draw([], { title, graphOnly: '0' }, { format: 'png' })).length,
    )
    const [without = 0, withTitle = 0] = await Promise.all(sizes)
    expect(withTitle).toBeGreaterThan(without + 200)
  })
})

const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(1)</script>',
  `</text></svg><svg onload='alert(1)'>`,
  '<![CDATA[x]]><!-- -->&lt;&#60;',
  'javascript:alert(1)',
  `${'x'.repeat(2_000)}.end`,
  '\u202eRTL\u2066 שלום مرحبا',
  '🦊👩‍👩‍👧',
  'a\u0000\u0007\u001b[31m\ufffe',
  'lone \ud800 half',
  '${7*7}{{x}}%s',
  '__proto__',
]

describe('hostile input', () => {
  test.each(HOSTILE)('%j is inert wherever text stands', async (text) => {
    for (const graphType of ['line', 'pie']) {
      const words = { title: text, vtitle: text, vtitleRight: text, xFormat: text, template: text, graphType }
      const drawn = await svg([series(text, RISING), series(text, RISING, { isOnSecondYAxis: true })], words)
      expect(
        [...drawn.matchAll(/<(\w+)/g)]
          .map((match) => match[1])
          .filter((name) => !['svg', 'rect', 'path', 'text', 'circle'].includes(name ?? '')),
      ).toEqual([])
      expect(drawn.match(/<svg/g)?.length).toBeLessThanOrEqual(2)
      expect(drawn).not.toMatch(/<[^>"]*("[^"]*"[^>"]*)*\s(on\w+|href|style)=/)
      // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      expect(drawn).not.toMatch(/[\u0000-\u001f\u202a-\u202e\u2066-\u2069\ufffe]/)
      expect(drawn.length).toBeLessThan(20_000)
    }
  })

  test.each([
    [[Number.MAX_VALUE, -Number.MAX_VALUE]],
    [[Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY]],
    [[Number.MIN_VALUE, 0]],
    [[1e15, 1e15 + 0.125]],
    [[0, 0, 0]],
    [[]],
  ])('values %j are a picture', async (values) => {
    for (const more of [
      {},
      { areaMode: 'stacked' },
      { logBase: 'e' },
      { graphType: 'pie' },
      { yStep: '1e-12' },
      { lineMode: 'staircase' },
    ]) {
      const text = await svg([series('a', values), series('b', values)], more as Record<string, string>)
      expect(text).not.toMatch(/NaN|Infinity|undefined/)
    }
  })

  test('is a PNG', async () => {
    const names = HOSTILE.map((name) => series(name, RISING))
    const title = HOSTILE.join(' ')
    const image = await draw(names, { title, vtitle: title, hideLegend: '0' }, { format: 'png' })
    expect(image.length).toBeGreaterThan(5_000)
  })

  test.each<[parameters: Record<string, string>, values: number[]]>([
    [{ yMax: '1' }, [50, 100]],
    [{ yMin: '1000' }, [50, 100, NaN_, 5]],
    [{ logBase: 'e' }, [Number.MAX_VALUE, -1]],
    [{ areaMode: 'all', yMin: '5' }, [1, 2]],
    [{ areaMode: 'stacked', width: '40', height: '40' }, [1e300, -1e300]],
  ])('what lies outside the plot is a PNG all the same: %j', async (parameters, values) => {
    expect((await draw([series('a', values)], parameters, { format: 'png' })).length).toBeGreaterThan(100)
  })

  test.each<[parameters: Record<string, string>, message: RegExp]>([
    [{ width: '20000', height: '20000' }, /20000 x 20000 pixels is too large; the limit is 4096 x 4096/],
    [{ width: '4000', height: '3000', pixelRatio: '2' }, /8000 x 6000/],
    [{ width: '0' }, /`width`: 0 is less than 1/],
    [{ width: '-5' }, /`width`/],
    [{ width: '1e400' }, /`width`: "1e400" is not a number/],
    [{ width: 'NaN1' }, /`width`: "NaN1" is not a number/],
    [{ fontSize: '1e6' }, /`fontSize`: "1e6" is not a number from 1 to 200/],
    [{ fontName: '"><x' }, /`fontName`/],
    [{ bgcolor: 'url(http:x)' }, /`bgcolor`: "url\(http:x\)" is no colour/],
    [{ colorList: 'red,,blue' }, /`colorList`: "" is no colour/],
    [{ areaMode: 'some' }, /`areaMode`: "some" is not one of none, first, all, stacked/],
    [{ yDivisors: '0' }, /`yDivisors`/],
    [{ yStep: '0' }, /`yStep`/],
    [{ yMin: '5', yMax: '1' }, /`yMin`: 5 is not less than yMax/],
    [{ logBase: '1' }, /`logBase`/],
    [{ lineWidth: 'x'.repeat(1_000_000) }, /^.{1,300}$/],
  ])('%j is refused', async (parameters, message) => {
    await expect(draw([], parameters)).rejects.toMatchObject({
      code: 'request-invalid',
      message: expect.stringMatching(message) as string,
    })
  })

  test('lines that would take too long to paint have fewer points', async () => {
    const restless = Array.from({ length: 60 }, (_, i) =>
      series(
        `s${i}`,
        Array.from({ length: 2_000 }, (_x, at) => (at * 7_919 + i) % 101),
      ),
    )
    const size = { width: '2000', height: '1000' }
    const text = await svg(restless, size, { untilSeconds: FROM + 2_000 * 60 })
    const [first = ''] = strokes(text)
    expect(first.split('L').length).toBeGreaterThan(50)
    expect(first.split('L').length).toBeLessThan(1_000)
  })

  test('what would take too long to paint is refused', async () => {
    const all = Array.from({ length: 100 }, (_, i) => series(`s${i}`, RISING))
    const size = { width: '4096', height: '4096' }
    await expect(draw(all, size, { format: 'png' })).rejects.toMatchObject({ code: 'request-invalid' })
    await expect(draw(Array<GraphSeries>(1_001).fill(series('a', []))), 'svg too').rejects.toMatchObject({
      code: 'too-many-series',
    })
  })
})
