import type { MetricType } from '../model/sample.ts'
import { statisticName, type Rollup, type SeriesIdentity } from '../model/series-identity.ts'
import { appendToName, type SeriesKey } from '../model/series-key.ts'
import { nodesOfPlace } from '../model/stored-bucket.ts'
import type { SeriesMeaning, TimerLayout } from './timer-layout.ts'

/**
 * What the series of a metric are called: as etsy's StatsD calls them, in its modern namespace or in the legacy one.
 * Tags stay at the end.
 *
 *   stats.timers.api.upper_90.host1;env=prod
 *   ^^^^^ ^^^^^^ ^^^ ^^^^^^^^ ^^^^^ ^^^^^^^^
 *   global, by   name,        suffix, tags
 *           type     statistic
 *
 *   legacy: stats.api (rate), stats_counts.api (count), stats.timers.api.upper_90, stats.gauges.api, stats.sets.api.count
 *
 * An empty component is left out together with its dot. The legacy namespace has a suffix, but its prefixes are fixed.
 */
export interface NamingOptions {
  readonly legacyNamespace?: boolean
  readonly globalPrefix?: string
  readonly counterPrefix?: string
  readonly gaugePrefix?: string
  readonly timerPrefix?: string
  readonly setPrefix?: string
  /** Of the series about Kymo itself. */
  readonly statsPrefix?: string
  /** Behind the statistic, in front of the tags. */
  readonly globalSuffix?: string
}

/** Makes identities. Whoever holds a metric asks once and keeps them: an identity is the same object ever after. */
export interface Naming {
  counter(metricKey: SeriesKey): CounterIdentities
  gauge(metricKey: SeriesKey): SeriesIdentity
  /** One for each column of the layout. */
  timer(metricKey: SeriesKey, layout: TimerLayout): SeriesIdentity[]
  /** The series of a bucket of its sketches. */
  timerBucket(metricKey: SeriesKey, place: number): SeriesIdentity
  set(metricKey: SeriesKey): SeriesIdentity
  /** A metric about Kymo itself, as it would be sent: `statsd.packets_received`. */
  ownMetric(node: string): SeriesKey
  /** A series about Kymo itself that is no metric: `stats.statsd.numStats`. In the legacy namespace some stand at the top. */
  own(node: string, rollup: Rollup, place?: 'top'): SeriesIdentity
}

export interface CounterIdentities {
  readonly rate: SeriesIdentity
  readonly count: SeriesIdentity
}

/**
 * Distinct members do not add up: who came in two intervals is one. The largest count is sure to be reached in the
 * coarser interval; the sum may be far more than there ever were.
 */
const SET_ROLLUP: Rollup = 'max'

const RATE: SeriesMeaning = { statistic: 'rate', rollup: 'mean' }
const COUNT: SeriesMeaning = { statistic: 'count', rollup: 'sum' }
const BUCKET: SeriesMeaning = { statistic: 'bucket', rollup: 'sum' }

export function createNaming(options: NamingOptions = {}): Naming {
  const { legacyNamespace = false, statsPrefix = 'statsd', globalSuffix = '' } = options
  const prefixes = legacyNamespace ? LEGACY_PREFIXES : modernPrefixes(options)
  const suffix = globalSuffix === '' ? '' : `.${globalSuffix}`

  function identity(
    prefix: string,
    metricType: MetricType,
    metricKey: SeriesKey,
    node: string,
    meaning: SeriesMeaning,
  ): SeriesIdentity {
    const key = appendToName(prefix + metricKey, node + suffix)
    return { key, metricKey, metricType, ...meaning }
  }

  return {
    counter: (key) => ({
      rate: identity(prefixes.rate, 'counter', key, legacyNamespace ? '' : '.rate', RATE),
      count: identity(prefixes.count, 'counter', key, legacyNamespace ? '' : '.count', COUNT),
    }),
    gauge: (key) => identity(prefixes.gauge, 'gauge', key, '', { statistic: 'value', rollup: 'last' }),
    timer: (key, { columns }) =>
      columns.map(({ meaning }) =>
        identity(prefixes.timer, 'timer', key, `.${statisticName(meaning)}`, meaning),
      ),
    timerBucket: (key, place) => identity(prefixes.timer, 'timer', key, `.${nodesOfPlace(place)}`, BUCKET),
    set: (key) => identity(prefixes.set, 'set', key, '.count', { statistic: 'count', rollup: SET_ROLLUP }),
    ownMetric: (node) => joinNodes(statsPrefix, node),
    own: (node, rollup, place) => {
      const prefix = place === 'top' && legacyNamespace ? '' : prefixes.own
      const key = joinNodes(statsPrefix, node)
      return identity(prefix, 'gauge', key, '', { statistic: 'value', rollup })
    },
  }
}

/** Each ends with a dot or is empty. */
interface Prefixes {
  readonly rate: string
  readonly count: string
  readonly timer: string
  readonly gauge: string
  readonly set: string
  readonly own: string
}

const LEGACY_PREFIXES: Prefixes = {
  rate: 'stats.',
  count: 'stats_counts.',
  timer: 'stats.timers.',
  gauge: 'stats.gauges.',
  set: 'stats.sets.',
  own: 'stats.',
}

function modernPrefixes(options: NamingOptions): Prefixes {
  const { globalPrefix = 'stats', counterPrefix = 'counters', timerPrefix = 'timers' } = options
  const { gaugePrefix = 'gauges', setPrefix = 'sets' } = options
  const counter = joinNodes(globalPrefix, counterPrefix, '')
  return {
    rate: counter,
    count: counter,
    timer: joinNodes(globalPrefix, timerPrefix, ''),
    gauge: joinNodes(globalPrefix, gaugePrefix, ''),
    set: joinNodes(globalPrefix, setPrefix, ''),
    own: joinNodes(globalPrefix, ''),
  }
}

/** With dots between, behind each prefix that is not empty. */
function joinNodes(...nodes: [...prefixes: string[], last: string]): string {
  const last = nodes.at(-1) ?? ''
  const prefixes = nodes.slice(0, -1).filter((node) => node !== '')
  return prefixes.map((node) => `${node}.`).join('') + last
}
