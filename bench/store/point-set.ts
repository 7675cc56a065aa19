// The points that are stored: the same for Kymo and for everyone beside it.
import { Random } from '../../test/harness/random.ts'
import { COMPUTED_SIGNALS, DECIMAL_SIGNALS, HOST_SIGNALS, normal, type Signal } from './signals.ts'

/** Series of one step, all from `startMs` on. */
export interface PointSet {
  readonly startMs: number
  readonly stepMs: number
  readonly series: readonly NamedValues[]
  readonly pointCount: number
}

export interface NamedValues {
  readonly name: string
  /** NaN: there is no point. */
  readonly values: Float64Array
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const FIVE_MINUTES_MS = 300_000
const TEN_SECONDS_MS = 10_000

/** Metrics of hosts at steps of five minutes over three weeks, a third of them with all 17 digits: 365,000 points. */
export function hostMetrics(seed: number): PointSet {
  return signalSet(HOST_SIGNALS, {
    seed,
    perKind: 4,
    steps: 5_700,
    stepMs: FIVE_MINUTES_MS,
    endAgoMs: DAY_MS,
  })
}

/** So many metrics of hosts at steps of ten seconds. */
export function quickMetrics(seed: number, perKind: number, steps: number): PointSet {
  return signalSet(DECIMAL_SIGNALS, { seed, perKind, steps, stepMs: TEN_SECONDS_MS, endAgoMs: HOUR_MS })
}

export const SIGNAL_KINDS = { ...DECIMAL_SIGNALS, ...COMPUTED_SIGNALS }

interface SetOptions {
  readonly seed: number
  readonly perKind: number
  readonly steps: number
  readonly stepMs: number
  readonly endAgoMs: number
}

function signalSet(signals: Readonly<Record<string, Signal>>, options: SetOptions): PointSet {
  const { seed, perKind, steps, stepMs, endAgoMs } = options
  const random = new Random(seed)
  const series = Object.entries(signals).flatMap(([kind, signal]) =>
    Array.from({ length: perKind }, (_, number) => {
      const valueAt = signal(random, DAY_MS / stepMs)
      return {
        name: `servers.web${number % 40}.${kind}.device${number}`,
        values: Float64Array.from({ length: steps }, (__, step) => valueAt(step)),
      }
    }),
  )
  return { startMs: startOf(steps, stepMs, endAgoMs), stepMs, series, pointCount: series.length * steps }
}

const COUNTERS = 400
const GAUGES = 200
const TIMERS = 200
const FLUSHES = 1_080

/**
 * Three hours of flushes, as etsy/statsd makes them: counters as count and rate, gauges, timers with all statistics. Of all kinds
 * every other one is idle: a counter at 0, a gauge at its last value, a timer with its counts alone. Half of the timers were
 * sent whole milliseconds, half decimals.
 */
export function statsdFlushes(seed: number): PointSet {
  const random = new Random(seed)
  const series: NamedValues[] = []
  const add = (name: string): Float64Array => {
    const values = new Float64Array(FLUSHES).fill(Number.NaN)
    series.push({ name, values })
    return values
  }
  for (let number = 0; number < COUNTERS; number++) {
    const [count, rate] = ['count', 'rate'].map((statistic) =>
      add(`stats.counters.api.endpoint${number}.requests.${statistic}`),
    ) as [Float64Array, Float64Array]
    const mean = 10 ** (random.next() * 3)
    for (let flush = 0; flush < FLUSHES; flush++) {
      count[flush] = isIdle(number) ? 0 : Math.max(0, Math.round(mean + normal(random) * Math.sqrt(mean)))
      rate[flush] = (count[flush] ?? 0) / 10
    }
  }
  for (let number = 0; number < GAUGES; number++) {
    const values = add(`stats.gauges.api.host${number}.queue`)
    let level = random.between(0, 5_000)
    for (let flush = 0; flush < FLUSHES; flush++) {
      if (!isIdle(number)) level = Math.max(0, level + Math.round(normal(random) * 20))
      values[flush] = level
    }
  }
  for (let number = 0; number < TIMERS; number++) addTimer(random, number, add)
  const pointCount = series.reduce(
    (sum, { values }) => sum + values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0),
    0,
  )
  return { startMs: startOf(FLUSHES, TEN_SECONDS_MS, HOUR_MS), stepMs: TEN_SECONDS_MS, series, pointCount }
}

function isIdle(number: number): boolean {
  return number % 2 === 1
}

function addTimer(random: Random, number: number, add: (name: string) => Float64Array): void {
  const columns = new Map<string, Float64Array>()
  const typical = 2 + random.next() * 4
  const digits = number % 4 < 2 ? 0 : 2
  const mostValues = random.between(3, 60)
  for (let flush = 0; flush < FLUSHES; flush++) {
    const count = isIdle(number) ? 0 : random.between(1, mostValues)
    const sorted = Float64Array.from({ length: count }, () =>
      Number(Math.exp(typical + normal(random) * 0.5).toFixed(digits)),
    ).sort()
    for (const [statistic, value] of Object.entries(timerStatistics(sorted))) {
      const column = columns.get(statistic) ?? add(`stats.timers.api.endpoint${number}.latency.${statistic}`)
      columns.set(statistic, column)
      column[flush] = value
    }
  }
}

/** As etsy/statsd has them, one interval of 10 s and one percentile, in the doubles that its sums come to. */
function timerStatistics(sorted: Float64Array): Record<string, number> {
  const count = sorted.length
  const counts = { count, count_ps: count / 10 }
  if (count === 0) return counts
  const sums = [0]
  const squares = [0]
  for (const [index, value] of sorted.entries()) {
    sums.push((sums[index] ?? 0) + value)
    squares.push((squares[index] ?? 0) + value * value)
  }
  const [sum, sumOfSquares] = [sums[count] ?? 0, squares[count] ?? 0]
  const mean = sum / count
  const middle = count >> 1
  const lower = sorted[0] ?? 0
  const upperMiddle = sorted[middle] ?? 0
  const count90 = count > 1 ? Math.round(count * 0.9) : 1
  const deviations = sorted.reduce((total, value) => total + (value - mean) ** 2, 0)
  return {
    ...counts,
    lower,
    upper: sorted[count - 1] ?? 0,
    sum,
    sum_squares: sumOfSquares,
    mean,
    median: count % 2 === 1 ? upperMiddle : ((sorted[middle - 1] ?? 0) + upperMiddle) / 2,
    std: Math.sqrt(deviations / count),
    count_90: count90,
    mean_90: (sums[count90] ?? 0) / count90,
    upper_90: sorted[count90 - 1] ?? 0,
    sum_90: sums[count90] ?? 0,
    sum_squares_90: squares[count90] ?? 0,
  }
}

function startOf(steps: number, stepMs: number, endAgoMs: number): number {
  const endMs = Date.now() - endAgoMs
  return endMs - (endMs % stepMs) - steps * stepMs
}
