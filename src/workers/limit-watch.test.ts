import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { Log } from '../telemetry/log.ts'
import { allocateOwnMetrics, layoutOwnMetrics, OwnMetrics, readOwnMetrics } from '../telemetry/own-metrics.ts'
import { LimitWatch } from './limit-watch.ts'

const layout = layoutOwnMetrics({ listener: [], sink: [], thread: [] })

function create(series = 1) {
  const clock = new FakeClock()
  const buffer = allocateOwnMetrics(layout)
  const logged: Record<string, unknown>[] = []
  const watch = new LimitWatch({
    limits: { series, prefixes: [{ prefix: 'api', series: 1 }] },
    clock,
    log: { warn: (fields: Record<string, unknown>) => logged.push(fields) } as unknown as Log,
    metrics: new OwnMetrics(layout, buffer),
    isKnown: () => false,
  })
  const counted = () => readOwnMetrics(layout, [buffer]).get('kymo_over_limit_metrics_total')
  return { clock, watch, logged, counted }
}

test('while nothing is refused there is nothing to tell', () => {
  const { watch, logged, counted } = create()
  watch.limits.admit('api.a', 'counter')
  expect(watch.report(10_000)).toEqual({ refused: 0, lastRefusedMs: null, offenders: [] })
  expect([logged, counted()]).toEqual([[], 0])
})

test('what is refused is counted, dated by the flush and named', () => {
  const { watch, counted } = create(100)
  for (const key of ['api.a', 'api.b', 'api.c.x', 'api.c.y']) watch.limits.admit(key, 'counter')
  const report = watch.report(10_000)
  expect(report).toMatchObject({ refused: 3, lastRefusedMs: 10_000 })
  expect(report.offenders.map(({ prefix, refused }) => [prefix, refused])).toEqual([
    ['api.c', 2],
    ['api.b', 1],
  ])
  expect(watch.report(20_000)).toEqual(report)
  watch.limits.admit('api.d', 'counter')
  expect(watch.report(30_000)).toMatchObject({ refused: 4, lastRefusedMs: 30_000 })
  expect(counted()).toBe(4)
})

test('a flood of names makes a short report and few lines in the log', () => {
  const { clock, watch, logged } = create()
  for (let flush = 1; flush <= 100; flush++) {
    for (let index = 0; index < 100; index++) {
      watch.limits.admit(`api.${index}`, 'counter')
      watch.limits.admit(`${index}.${flush}`, 'counter')
    }
    expect(watch.report(flush * 10_000).offenders.length).toBeLessThanOrEqual(10)
    clock.advance(10_000)
  }
  // 100 flushes are 1,000 seconds.
  expect(logged).toHaveLength(2)
  expect(logged[0]).toMatchObject({ limit: 1, examples: [expect.any(String)] })
})

test('under other limits, what is refused is counted on, and told of anew', () => {
  const { watch, logged, counted } = create()
  for (const key of ['a.x', 'a.y']) watch.limits.admit(key, 'counter')
  expect(watch.report(10_000)).toMatchObject({ refused: 1, offenders: [{ prefix: 'a' }] })
  watch.reconfigure({ series: 2, prefixes: [] })
  for (const key of ['a.x', 'a.z']) watch.limits.admit(key, 'counter')
  expect(watch.report(20_000)).toEqual({ refused: 1, lastRefusedMs: 10_000, offenders: [] })
  watch.limits.admit('b.x', 'counter')
  expect(watch.report(30_000)).toMatchObject({
    refused: 2,
    lastRefusedMs: 30_000,
    offenders: [{ prefix: 'b', limit: { series: 2 }, refused: 1 }],
  })
  expect(counted()).toBe(2)
  expect(logged.map(({ limit, worst }) => [limit, worst])).toEqual([
    [1, 'a'],
    [2, 'b'],
  ])
})
