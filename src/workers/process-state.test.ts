import { expect, test } from 'vitest'
import type { Config } from '../config/config.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { allocateOwnMetrics, OwnMetrics } from '../telemetry/own-metrics.ts'
import type { FlushReport } from './calls.ts'
import { ProcessState } from './process-state.ts'

const START_MS = 1_700_000_000_000
const REPORT: FlushReport = {
  timestampMs: START_MS + 10_000,
  nextEndMs: START_MS + 20_000,
  points: 7,
  bytes: 700,
  seriesCount: 3,
  metricCount: 2,
  limits: { refused: 0, lastRefusedMs: null, offenders: [] },
  refusedTimes: [],
}

function create(store: { enabled: boolean; path: string } = { enabled: true, path: '/data' }) {
  const clock = new FakeClock(START_MS)
  const firsts: unknown[] = []
  const state = new ProcessState({
    config: { flush: { intervalMs: 10_000 }, store, sinks: [] } as unknown as Config,
    clock,
    version: '1',
    threads: ['keeper'],
    listeners: ['statsd-udp'],
    onFirstMetric: (metric) => firsts.push(metric),
  })
  return { clock, state, firsts }
}

test('it is starting until it is said to be ready, and not ready again when it stops', () => {
  const { state } = create()
  expect(state.notReadyReason()).toBe('it is starting')
  state.setNotReady(undefined)
  expect(state.notReadyReason()).toBeUndefined()
  state.setNotReady('it is stopping')
  expect(state.notReadyReason()).toBe('it is stopping')
})

test('while it recovers it says how far that is, in the reason and in the status', () => {
  const { state } = create()
  state.fromWorkers.recovering({ doneBytes: 12, totalBytes: 345 })
  expect(state.notReadyReason()).toBe('it is recovering, 12 of 345 bytes')
  expect(state.status().store.recovery).toEqual({ doneBytes: 12, totalBytes: 345 })
  state.storeOpened(REPORT)
  expect(state.notReadyReason()).toBe('it is starting')
  expect(state.status().store.recovery).toBeNull()
})

test('a store that takes nothing: what, why and what to do, until it takes points again', () => {
  const { state } = create()
  state.setNotReady(undefined)
  expect([state.storeProblemReason(), state.status().store.problem]).toEqual([undefined, null])
  const details = { path: '/data', free: '12.0 MB', reserved: '100.0 MB' }
  state.fromWorkers.storeProblem({ code: 'disk-reserved', details })
  expect(state.storeProblemReason()).toBe(
    'the store takes nothing, points wait in memory: The disk that holds "/data" has 12.0 MB left, and Kymo leaves 100.0 MB free',
  )
  expect(state.status().store.problem).toMatchObject({ code: 'disk-reserved' })
  expect(state.status().store.problem?.help).toContain('store.reserved_space')
  // It goes on taking in: this is no reason against a reload.
  expect(state.notReadyReason()).toBeUndefined()
  state.fromWorkers.storeProblem(null)
  expect([state.storeProblemReason(), state.status().store.problem]).toEqual([undefined, null])
})

test('addresses of a service add up, as URLs', () => {
  const { state } = create()
  state.listening('statsd', ['udp://127.0.0.1:8125', 'udp://[::1]:8125'])
  state.listening('statsd', ['tcp://127.0.0.1:8125'])
  expect(state.status().addresses.statsd).toEqual([
    'udp://127.0.0.1:8125',
    'udp://[::1]:8125',
    'tcp://127.0.0.1:8125',
  ])
})

test('the first metric is the first of all threads', () => {
  const { clock, state, firsts } = create()
  clock.advance(7_000)
  state.fromWorkers.firstMetric({ key: 'hello', type: 'counter' })
  clock.advance(1_000)
  state.fromWorkers.firstMetric({ key: 'later', type: 'gauge' })
  expect(firsts).toEqual([{ key: 'hello', type: 'counter', afterMs: 7_000 }])
  expect(state.status().firstMetric).toMatchObject({ key: 'hello', afterMs: 7_000 })
})

test('before the first flush the next one is the end of the interval; then it is what the keeper says', () => {
  const { clock, state } = create()
  expect(state.status().nextFlushMs).toBe(START_MS + 10_000)
  clock.advance(9_999)
  expect(state.status().nextFlushMs).toBe(START_MS + 10_000)
  state.fromWorkers.flushed({ ...REPORT, nextEndMs: START_MS + 90_000 })
  expect(state.status()).toMatchObject({ lastFlushMs: START_MS + 10_000, nextFlushMs: START_MS + 90_000 })
})

test('what the store holds is known from its opening on, and brought up to date by each flush', () => {
  const { state } = create()
  state.storeOpened({ ...REPORT, points: 5 })
  expect(state.status().store).toMatchObject({ path: '/data', points: 5 })
  state.fromWorkers.flushed(REPORT)
  expect(state.status().store).toMatchObject({ points: 7, bytes: 700 })
})

test('what limits refused is what the newest flush says', () => {
  const { state } = create()
  expect(state.status().limits).toEqual({ refused: 0, lastRefusedMs: null, offenders: [] })
  const limits = { refused: 7, lastRefusedMs: START_MS, offenders: [] }
  state.fromWorkers.flushed({ ...REPORT, limits })
  expect(state.status().limits).toEqual(limits)
})

test('a store that is off has no path', () => {
  const { state } = create({ enabled: false, path: '/data' })
  expect(state.status().store).toMatchObject({ path: null })
})

test('rejections are told to whoever listens, and the last is in the status', () => {
  const { state } = create()
  const heard: string[] = []
  const cancel = state.onRejection(({ line }) => heard.push(line))
  const sample = { listener: 'statsd-udp', reason: 'no_value', sender: '127.0.0.1:1', atMs: 1 } as const
  state.fromWorkers.rejected({ ...sample, line: 'one' })
  cancel()
  state.fromWorkers.rejected({ ...sample, line: 'two' })
  expect(heard).toEqual(['one'])
  expect(state.status().lastRejection).toMatchObject({ line: 'two' })
  expect(state.recentRejections().map(({ line }) => line)).toEqual(['one', 'two'])
  for (let n = 0; n < 50; n++) state.fromWorkers.rejected({ ...sample, line: `more ${n}` })
  expect(state.recentRejections()).toHaveLength(20)
  expect(state.recentRejections().at(-1)?.line).toBe('more 49')
})

test('sinks that are added have their own metrics beside those that were there', () => {
  const { state } = create()
  const buffer = allocateOwnMetrics(state.metricsLayout)
  state.metricsBuffers = () => [buffer]
  state.mainMetrics.counter('kymo_queries_total').add(1)
  state.addSinks(['carbon', 'standby'])
  const { metricsLayout } = state
  state.addSinks(['standby'])
  expect(state.metricsLayout.slots).toEqual(metricsLayout.slots)
  new OwnMetrics(metricsLayout, buffer).counter('kymo_sent_points_total', { sink: 'standby' }).add(7)
  expect(state.ownMetrics().get('kymo_sent_points_total{sink="standby"}')).toBe(7)
  expect(state.ownMetrics().get('kymo_queries_total')).toBe(1)
})

test('there is room for a thousand more sinks, not for any number', () => {
  const { state } = create()
  const names = Array.from({ length: 1_000 }, (_, index) => `sink-${index}`)
  state.addSinks(names)
  const buffer = allocateOwnMetrics(create().state.metricsLayout)
  const sent = new OwnMetrics(state.metricsLayout, buffer).counter('kymo_sent_points_total', {
    sink: 'sink-999',
  })
  sent.add(3)
  state.metricsBuffers = () => [buffer]
  expect(state.ownMetrics().get('kymo_sent_points_total{sink="sink-999"}')).toBe(3)
  const { metricsLayout } = state
  expect(() => state.addSinks(['one-more'])).toThrow('cannot be changed any more')
  expect(state.metricsLayout).toBe(metricsLayout)
})

test('when the configuration was read, and what of it waits for a restart, is in the status', () => {
  const { clock, state } = create()
  expect(state.status().configuration).toEqual({ readAtMs: START_MS, needRestart: [] })
  clock.advance(5_000)
  state.configured(['statsd.port'])
  expect(state.status().configuration).toEqual({ readAtMs: START_MS + 5_000, needRestart: ['statsd.port'] })
  expect(state.ownMetrics().get('kymo_config_timestamp_seconds')).toBe(START_MS / 1_000 + 5)
})

test('own metrics are the sum over all threads', () => {
  const { state } = create()
  const buffer = allocateOwnMetrics(state.metricsLayout)
  state.metricsBuffers = () => [buffer]
  state.mainMetrics.counter('kymo_queries_total').add(1)
  new OwnMetrics(state.metricsLayout, buffer).counter('kymo_queries_total').add(2)
  expect(state.ownMetrics().get('kymo_queries_total')).toBe(3)
})
