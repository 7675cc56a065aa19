import type { StatsdProfile } from '../formats/statsd/profile.ts'
import type { MetricType } from '../model/sample.ts'
import type { TimerWeighting } from './timer-statistics.ts'

/**
 * What flushes differently in each profile, where the configuration says nothing. All else has one default.
 *
 *   default, dogstatsd   rates weigh all that a timer says; idle metrics flush zeros for 5 minutes, gauges their value for a day
 *   statsd               as etsy's: rates weigh counts alone; idle metrics flush for ever
 */
export interface FlushProfile {
  readonly timerWeighting: TimerWeighting
  readonly idleTimeoutMs: Readonly<Record<MetricType, number>>
}

const FIVE_MINUTES_MS = 5 * 60_000
const ONE_DAY_MS = 24 * 3_600_000
const FOR_EVER = Number.POSITIVE_INFINITY

const OURS: FlushProfile = {
  timerWeighting: 'all',
  idleTimeoutMs: {
    counter: FIVE_MINUTES_MS,
    gauge: ONE_DAY_MS,
    timer: FIVE_MINUTES_MS,
    set: FIVE_MINUTES_MS,
  },
}

export const FLUSH_PROFILES: Readonly<Record<StatsdProfile, FlushProfile>> = {
  default: OURS,
  statsd: {
    timerWeighting: 'count',
    idleTimeoutMs: { counter: FOR_EVER, gauge: FOR_EVER, timer: FOR_EVER, set: FOR_EVER },
  },
  dogstatsd: OURS,
}
