import { describe, expect, test } from 'vitest'
import { threadCpuMs } from '../../../test/harness/thread-cpu.ts'
import type { KymoError } from '../../telemetry/errors.ts'
import { DEFAULT_QUERY_LIMITS } from '../query-limits.ts'
import type { QuerySeries } from '../query-series.ts'
import { FakeStoreAccess } from '../testdata/fake-store-access.ts'
import { UTC } from '../testdata/utc.ts'
import type { EvaluationContext } from './evaluate.ts'
import { evaluateTargets } from './evaluate.ts'

const NOW = 1_700_000_000
const MEGABYTE = 1_000_000

/** A hundred series of a thousand points. */
const points = Array.from({ length: 1_000 }, (_, index) => [(NOW - index * 10) * 1000, index] as const)
const access = new FakeStoreAccess(
  Array.from({ length: 100 }, (_, index) => ({ key: `a.b${index}`, points: index < 5 ? points : [] })),
)

function evaluate(target: string, changes: Partial<EvaluationContext> = {}): Promise<QuerySeries[]> {
  return evaluateTargets([target], {
    access,
    limits: DEFAULT_QUERY_LIMITS,
    signal: new AbortController().signal,
    fromSeconds: NOW - 600,
    untilSeconds: NOW,
    nowSeconds: NOW,
    stepSeconds: 10,
    timeZone: UTC,
    ...changes,
  })
}

function nested(name: string, inner: string, rest: string, depth: number): string {
  return `${name}(`.repeat(depth) + inner + `${rest})`.repeat(depth)
}

describe('what is too much ends in an error that says what, within a second', () => {
  const cases: [what: string, target: string, code: string][] = [
    ['10,000 calls inside each other', nested('sumSeries', 'a.*', '', 10_000), 'target-invalid'],
    ['10,000 pipes', `a.*${'|sumSeries()'.repeat(10_000)}`, 'target-invalid'],
    ['a megabyte of path', 'a'.repeat(MEGABYTE), 'target-invalid'],
    ['a megabyte of arguments', `group(${'a,'.repeat(MEGABYTE / 2)}a)`, 'target-invalid'],
    ['a megabyte of text', `alias(a.b1,"${'x'.repeat(MEGABYTE)}")`, 'target-invalid'],
    ['a point each second of 2,000 years', 'time("x",1)', 'too-many-points'],
    [
      'a thousand long lines',
      `group(${Array.from({ length: 1_000 }, (_, index) => `time("${index}",1)`).join()})`,
      'too-many-points',
    ],
    ['a line that never ends', 'sin("x",1,0)', 'argument-invalid'],
    ['a line that goes back', 'randomWalk("x",-1)', 'argument-invalid'],
    ['windows of centuries', 'movingAverage(a.b1,"90y")', 'too-many-points'],
    ['windows of a million million points', 'movingAverage(a.b1,1000000000000)', 'too-many-points'],
    ['a million shifts', 'timeStack(a.b1,"1d",0,1000000)', 'argument-invalid'],
    ['shifts of shifts of shifts', nested('timeStack', 'a.*', ',"1h",0,50', 6), 'query-too-large'],
    ['history of history', nested('holtWintersAberration', 'a.*', '', 60), 'too-many-points'],
    ['an interval of nothing', 'summarize(a.b1,"0s")', 'argument-invalid'],
    ['an interval that runs backwards', 'summarize(a.b1,"-1h")', 'argument-invalid'],
    ['hits in no time', 'hitcount(a.b1,"0s")', 'argument-invalid'],
    ['an interval longer than time', 'summarize(a.b1,"99999999999y")', 'argument-invalid'],
    ['templates in the place of numbers', 'template(scale(a.b1,$x),x="x")', 'argument-invalid'],
    ['a function that no one has', 'toString(a.b1)', 'function-unknown'],
    ['a function that every object has', 'constructor(a.b1)', 'function-unknown'],
    ['an argument that every object has', 'scale(a.b1,__proto__=1)', 'argument-invalid'],
    ['a callback that every object has', 'groupByNode(a.*,0,"constructor")', 'function-unknown'],
    ['a callback that wants more than series', 'groupByNode(a.*,0,"scale")', 'argument-invalid'],
    ['names that double', nested('aliasSub', 'a.*', ',".+","\\g<0>\\g<0>"', 99), 'argument-invalid'],
    ['names of 20,000 nodes', `aliasByNode(a.*${',0'.repeat(20_000)})`, 'argument-invalid'],
    ['names of 10,000 values', `legendValue(a.*${',"max"'.repeat(10_000)})`, 'argument-invalid'],
    ['units that are a book', `cactiStyle(a.*,"si","${'x'.repeat(60_000)}")`, 'argument-invalid'],
    ['a pattern that is a book', `grep(a.*,"${'x'.repeat(60_000)}")`, 'regex-invalid'],
    ['a pattern of a million states', 'grep(a.*,"((x{1000}){1000}){1000}")', 'regex-invalid'],
    ['a name as wide as the sea', 'aliasQuery(a.b1,"x","y","%999999999d")', 'argument-invalid'],
    ['a forecast of a century', 'polyfit(a.b1,1,"90y")', 'too-many-points'],
    ['a polynomial of any degree', 'polyfit(a.b1,1000000)', 'argument-invalid'],
    ['what was usual a million weeks ago', 'baseline(a.b1,"1w",1,1000000)', 'argument-invalid'],
    ['a service level of centuries', 'slo(a.b1,"90y","above",1)', 'too-many-points'],
    ['a service level of no time', 'slo(a.b1,"0s","above",1)', 'argument-invalid'],
  ]
  test.each(cases)('%s', async (what, target, code) => {
    const range = what.includes('2,000 years')
      ? { fromSeconds: -6e10 }
      : what.includes('long lines')
        ? { fromSeconds: NOW - 86_400 }
        : {}
    const startMs = threadCpuMs()
    const failure = await evaluate(target, range).then(
      (series) => series.length,
      (error: unknown) => error as KymoError,
    )
    expect(failure).toMatchObject({ code })
    expect((failure as KymoError).message.length).toBeLessThan(1_000)
    expect(threadCpuMs() - startMs).toBeLessThan(1_000)
  })
})

describe('what looks like too much, and is not, is answered within a second', () => {
  const cases: [what: string, target: string][] = [
    ['99 calls inside each other', nested('scale', 'a.*', ',1', 99)],
    ['99 moving averages inside each other', nested('movingAverage', 'a.b1', ',2', 99)],
    ['a thousand times the same', `group(${'movingMedian(a.b1,100),'.repeat(1_000)}a.b1)`],
    ['numbers that are too large for numbers', 'scale(scale(scale(a.b1,1e300),1e300),-1e300)'],
    ['ten thousand digits', 'round(a.b1,100000)'],
    ['no digits at all', 'round(a.b1,-100000)'],
    ['nodes that are not there', 'groupByNode(a.*,9007199254740991,"sum")'],
    ['a median of all there is', 'movingMedian(a.b1,"1d")'],
    ['a percentile past the end', 'percentileOfSeries(a.*,1e300)'],
    ['a pattern that is a bomb elsewhere', 'exclude(a.*,"^(a+)+(.*)*!$")'],
    ['a window longer than the series', 'pearson(a.b1,a.b2,9007199254740991)'],
    ['all but the last thousand million', 'limit(a.*,9007199254740991)'],
    ['a stack of all there is, a hundred times', nested('stacked', 'a.*', '', 99)],
    ['columns of columns of columns', nested('cactiStyle', 'a.b1', '', 50)],
  ]
  test.each(cases)('%s', async (_what, target) => {
    const startMs = threadCpuMs()
    expect((await evaluate(target)).length).toBeGreaterThan(0)
    expect(threadCpuMs() - startMs).toBeLessThan(1_000)
  })
})

test('targets that targets put together may put together only so many', async () => {
  const target = 'applyByNode(a.b1,0,"applyByNode(a.b1,0,\'scale(a.b1,2)\')")'
  const limits = (maxNestedTargets: number) => ({ limits: { ...DEFAULT_QUERY_LIMITS, maxNestedTargets } })
  expect((await evaluate(target, limits(2))).length).toBe(1)
  await expect(evaluate(target, limits(1))).rejects.toMatchObject({ code: 'query-too-large' })
})

test('a query is cancelled between functions, and in the middle of a long one', async () => {
  const controller = new AbortController()
  const target = `group(${Array.from({ length: 50 }, (_, index) => `movingMedian(a.b${index},${index + 3000})`).join()})`
  const evaluated = evaluate(target, { signal: controller.signal, fromSeconds: NOW - 400_000 })
  setTimeout(() => controller.abort(new Error('gone')), 20)
  await expect(evaluated).rejects.toThrow('gone')
})

test('equal parts of a query are evaluated once, others each', async () => {
  const reads = access.reads.length
  const series = await evaluate(
    'group(scale(a.b1,2),sumSeries(scale(a.b1,2)),randomWalk("x"),randomWalk("x"))',
  )
  expect(access.reads.length).toBe(reads + 1)
  expect(series[0]?.values).toEqual(series[1]?.values)
  expect(series[2]?.values).not.toEqual(series[3]?.values)
})
