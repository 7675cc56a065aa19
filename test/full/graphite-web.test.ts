import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GraphiteWebAnswer } from '../harness/graphite-web.ts'
import { askGraphiteWeb, hasGraphiteWeb } from '../harness/graphite-web.ts'
import type { RenderedSeries } from '../harness/kymo.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

// A real graphite-web and a real Kymo are given the same points and asked for the same targets.
const why = hasGraphiteWeb ? '' : ' (skipped: no graphite-web)'

const STEP_SECONDS = 10
/** Long enough ago that a minute later is over for both. */
const UNTIL = Math.floor((Date.now() / 1_000 - 120) / 600) * 600
const FROM = UNTIL - 300

const SERIES: Readonly<Record<string, (place: number) => number | null>> = {
  'a.x.c': (place) => (place % 7 === 3 ? null : Math.round(10_000 + 5_000 * Math.sin(place / 5)) / 1_000),
  'a.y.c': (place) => place % 11,
  'a.z.c': (place) => (place % 40 > 10 && place % 40 < 14 ? null : place * 1.5),
  'b.x.n': (place) => (place % 50 === 0 ? 0 : 1_000 - place),
  // Known, but silent all the while.
  'b.y.n': (place) => (place < 5 ? 1 : null),
  'cnt.a': (place) => (place % 13 === 0 ? null : (place * 37) % 1_000),
  'cnt.b': (place) => -place / 3,
}

/** Targets to which the two say different things, and why. Only what begins so is passed over. */
const DIFFERENT: readonly (readonly [beginning: string, reason: string])[] = [
  [
    "groupByTags(a.*.c,'sum','host')",
    'a tag that is missing is empty here, and an error in graphite-web 1.1',
  ],
  ['removeBetweenPercentile(', 'graphite-web fails where a value is null'],
  ['useSeriesAbove(', 'graphite-web fails where a value is null'],
  ['moving', 'in graphite-web 1.1 a window ends before its point, since 1.2 with it'],
  ['compressPeriodicGaps(', 'graphite-web 1.1 does not have it'],
  ['upper(', 'graphite-web 1.1 does not have it'],
  ['asPercent(group(a.x.c,summarize', 'graphite-web gives consolidated values the step of those before'],
]

const targets = readFileSync(join(import.meta.dirname, '../fixtures/graphite-web-targets.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) =>
    line.replace(/\{from([+-]\d+)?\}/g, (_hole, offset: string | undefined) =>
      String(FROM + Number(offset ?? 0)),
    ),
  )
  .filter((target) => !DIFFERENT.some(([beginning]) => target.startsWith(beginning)))

const RANGES = ['', '&maxDataPoints=7', '&maxDataPoints=1', '&noNullPoints=true', '&xFilesFactor=0.6']

afterAll(cleanUp)

describe.skipIf(!hasGraphiteWeb)(`graphite-web${why}`, () => {
  let kymo: KymoProcess
  let theirs: Map<string, GraphiteWebAnswer>

  const requestOf = (target: string, more = ''): string =>
    `target=${encodeURIComponent(target)}&from=${FROM}&until=${UNTIL}&format=json${more}`
  const requests = [
    ...targets.map((target) => requestOf(target)),
    ...RANGES.flatMap((more) =>
      ['a.*.c', 'sumSeries(a.*.c)', "consolidateBy(a.*.c,'max')"].map((one) => requestOf(one, more)),
    ),
  ]

  beforeAll(async () => {
    const series = Object.entries(SERIES).map(([name, valueAt]) => {
      const points = Array.from({ length: 400 }, (_, place): [number, number | null] => [
        FROM - 3_600 + (place + 1) * STEP_SECONDS,
        valueAt(place),
      ]).filter((point): point is [number, number] => point[1] !== null && point[0] <= UNTIL)
      return { name, points }
    })
    const answers = askGraphiteWeb({
      folder: temporaryDirectory(),
      stepSeconds: STEP_SECONDS,
      series,
      requests,
    })
    theirs = new Map(requests.map((request, index) => [request, answers[index] as GraphiteWebAnswer]))
    // Which are no series that graphite-web has.
    kymo = await KymoProcess.start({
      flushInterval: '10s',
      env: { KYMO_AGGREGATOR_OWN_SERIES: 'false' },
    })
    const lines = series.flatMap(({ name, points }) =>
      points.map(([time, value]) => `${name} ${value} ${time}\n`),
    )
    await kymo.tcp(lines.join(''), 'graphite')
    await until('all points are there', async () => {
      const [last] = await kymo.render('cnt.b', String(UNTIL - 20), String(UNTIL))
      return last?.datapoints.at(-1)?.[0] !== undefined && last.datapoints.at(-1)?.[0] !== null
    })
  })

  test('there are as many targets as there should be', () => {
    expect(targets.length).toBeGreaterThan(250)
  })

  test.each(requests)('%s', async (request) => {
    const wanted = theirs.get(request)
    const answer = await fetch(kymo.url(`/render?${request}`))
    if (wanted === undefined || wanted.status !== 200) {
      expect([400, 422]).toContain(answer.status)
      return
    }
    expect(answer.status).toBe(200)
    const ours = (await answer.json()) as RenderedSeries[]
    expectSame(ours, JSON.parse(wanted.body) as RenderedSeries[])
  })
})

function expectSame(ours: readonly RenderedSeries[], theirs: readonly RenderedSeries[]): void {
  expect(ours.map(({ target }) => target)).toEqual(theirs.map(({ target }) => target))
  for (const [index, wanted] of theirs.entries()) {
    const found = ours[index] as RenderedSeries
    const rounded = ({ datapoints }: RenderedSeries) =>
      datapoints.map(([value, time]) => [value === null ? null : Number(value.toPrecision(9)), time])
    expect(rounded(found)).toEqual(rounded(wanted))
    expect(found.tags).toEqual(wanted.tags)
  }
}
