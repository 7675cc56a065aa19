import { describe, expect, test } from 'vitest'
import type { StatsdProfile } from '../formats/statsd/profile.ts'
import { aggregatorOptions, toAggregatorConfig } from './options.ts'
import { FLUSH_PROFILES } from './flush-profile.ts'

function configOf(options: object, profile: StatsdProfile = 'default') {
  return toAggregatorConfig(aggregatorOptions.parse(options), {
    profile,
    intervalMs: 10_000,
    cwd: '/srv/kymo',
  })
}

const FOR_EVER = Number.POSITIVE_INFINITY
const OURS = FLUSH_PROFILES.default.idleTimeoutMs

describe('how long an idle metric lives', () => {
  const always = { counter: FOR_EVER, gauge: FOR_EVER, timer: FOR_EVER, set: FOR_EVER }
  const never = { counter: 0, gauge: 0, timer: 0, set: 0 }
  const cases: [options: object, profile: StatsdProfile, wanted: object][] = [
    [{}, 'default', { counter: 300_000, gauge: 86_400_000, timer: 300_000, set: 300_000 }],
    [{}, 'dogstatsd', OURS],
    [{}, 'statsd', always],
    [
      { idle_timeout: { counter: '1m', set: 'never' } },
      'default',
      { ...OURS, counter: 60_000, set: FOR_EVER },
    ],
    [{ idle_timeout: { timer: '0s' } }, 'statsd', { ...always, timer: 0 }],
    [{ delete_idle_stats: true }, 'default', never],
    [{ delete_idle_stats: true }, 'statsd', never],
    [{ delete_idle_stats: false }, 'default', always],
    [{ delete_idle_stats: true, delete_timers: false }, 'default', { ...never, timer: FOR_EVER }],
    [{ delete_counters: true }, 'default', { ...OURS, counter: 0 }],
    [{ delete_sets: true }, 'statsd', { ...always, set: 0 }],
    [{ delete_counters: true, idle_timeout: { counter: '1h' } }, 'default', { ...OURS, counter: 0 }],
    [{ delete_gauges: true, gauges_max_ttl: 3 }, 'default', { ...OURS, gauge: 20_000 }],
    [{ delete_idle_stats: true, gauges_max_ttl: 2 }, 'default', { ...never, gauge: 10_000 }],
    [{ gauges_max_ttl: 3 }, 'default', OURS],
  ]
  test.each(cases)('%j in the profile %s', (options, profile, wanted) => {
    expect(configOf(options, profile).idleTimeoutMs).toEqual(wanted)
  })
})

test('only the profile statsd weighs counts alone, unless it is said', () => {
  expect(configOf({}, 'statsd').timerWeighting).toBe('count')
  expect(configOf({}, 'dogstatsd').timerWeighting).toBe('all')
  expect(configOf({ timer_weighting: 'all' }, 'statsd').timerWeighting).toBe('all')
  expect(configOf({ timer_weighting: 'count' }).timerWeighting).toBe('count')
})

test('bins become edges, and inf the edge without an end', () => {
  expect(configOf({ histogram: [{ metric: 'a', bins: [-1, 0.5, 'inf'] }] }).histogram).toEqual([
    { metric: 'a', upperEdges: [-1, 0.5, FOR_EVER] },
  ])
})

test('the log of keys is off, or has a file or none', () => {
  expect(configOf({ key_flush: { percent: 5 } }).keyFlush).toBeUndefined()
  expect(configOf({ key_flush: { interval: '30s' } }).keyFlush).toEqual({ intervalMs: 30_000, percent: 100 })
  expect(configOf({ key_flush: { interval: '1m', percent: 0.5, log: 'keys.log' } }).keyFlush).toEqual({
    intervalMs: 60_000,
    percent: 0.5,
    logPath: '/srv/kymo/keys.log',
  })
})

test('how much is kept exactly', () => {
  expect(configOf({})).toMatchObject({ timerExactValues: 2_000, setExactMembers: 10_000 })
  expect(configOf({ timer_exact_values: 1, set_exact_members: 5 })).toMatchObject({
    timerExactValues: 1,
    setExactMembers: 5,
  })
})

describe('refused is', () => {
  test.each([
    { percentiles: [0] },
    { percentiles: [90, 90] },
    { percentiles: [101] },
    { histogram: [{ metric: 'a', bins: [2, 1] }] },
    { histogram: [{ metric: 'a', bins: ['inf', 1] }] },
    { histogram: [{ metric: 'a', bins: ['inf', 'inf'] }] },
    { histogram: [{ metric: 'a', bins: [Number.NaN] }] },
    { histogram: [{ metric: 'a' }] },
    { global_prefix: '.stats' },
    { prefix_counter: 'a b' },
    { global_suffix: 'a;b=c' },
    { idle_timeout: { counter: 'ever' } },
    { idle_timeout: { counter: 300 } },
    { idle_timeout: '5m' },
    { gauges_max_ttl: 0 },
    { key_flush: { interval: '1m', percent: 0 } },
    { timer_weighting: 'none' },
    { timer_exact_values: 0 },
    { timer_exact_values: 1.5 },
    { set_exact_members: 0 },
  ])('%j', (options) => {
    expect(aggregatorOptions.safeParse(options).success).toBe(false)
  })
})
