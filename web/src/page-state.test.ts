import { describe, expect, test } from 'vitest'
import type { MetricEntry, StatusReport } from './api.ts'
import type { LiveState } from './live.ts'
import { type PageState, pageStateOf } from './page-state.ts'
import { statusReport } from './testdata/status-report.ts'

function liveWith(status: StatusReport | null, connection: LiveState['connection'] = 'live'): LiveState {
  return {
    connection,
    status,
    clockOffsetMs: 0,
    lastFlushMs: 0,
    lastRejection: null,
    rejections: [],
    intake: [],
  }
}

function metric(key: string): MetricEntry {
  return { key, type: 'gauge', firstSeenMs: 0, lastSeenMs: 0, series: [] }
}

const nothing = statusReport({})
const rejectedOnly = statusReport({ packets: 3, received: 3, rejected: 3 })
const accepted = statusReport({ packets: 1, received: 1, accepted: 1 })

describe('what the page is about', () => {
  const cases: [what: string, live: LiveState, metrics: MetricEntry[], state: PageState][] = [
    ['not a word yet', liveWith(null, 'connecting'), [], 'connecting'],
    ['no answer', liveWith(null, 'offline'), [], 'unreachable'],
    ['nothing has arrived', liveWith(nothing), [], 'empty'],
    ['only Kymo itself is measured', liveWith(nothing), [metric('statsd.lag')], 'empty'],
    ['packets without lines', liveWith(statusReport({ packets: 1 })), [], 'unreadable'],
    [
      'lines over TCP that cannot be read',
      liveWith(statusReport({ received: 1, rejected: 1 })),
      [],
      'unreadable',
    ],
    ['packets that cannot be read', liveWith(rejectedOnly), [], 'unreadable'],
    ['before the first flush', liveWith(accepted), [], 'waiting'],
    ['before the first flush, own metrics known', liveWith(accepted), [metric('statsd.lag')], 'waiting'],
    ['nothing is kept', liveWith(statusReport({ accepted: 1, isStoreEnabled: false })), [], 'passing-on'],
    ['metrics', liveWith(accepted), [metric('hello')], 'metrics'],
    ['metrics of the last run, nothing new', liveWith(nothing), [metric('hello')], 'metrics'],
    ['metrics, and now lines that cannot be read', liveWith(rejectedOnly), [metric('hello')], 'metrics'],
    ['gone while it was watched', liveWith(accepted, 'offline'), [metric('hello')], 'metrics'],
  ]
  test.each(cases)('%s', (_what, live, metrics, state) => {
    expect(pageStateOf(live, metrics)).toBe(state)
  })
})
