import { isDeepStrictEqual } from 'node:util'
import type { SeriesKey } from '../model/series-key.ts'
import { FLUSH_PROFILES } from './flush-profile.ts'
import { createNaming, type Naming, type NamingOptions } from './naming.ts'
import { DEFAULT_SET_EXACT_MEMBERS, DEFAULT_TIMER_EXACT_VALUES } from './exact-bounds.ts'
import type { TimerOptions } from './timer.ts'
import { createTimerLayouts, type HistogramRule } from './timer-layout.ts'
import type { TimerWeighting } from './timer-statistics.ts'

/** Which series metrics have, and what they are called: all that a metric is told once and keeps. */
export interface SeriesForm {
  readonly naming: Naming
  readonly hasCounts: boolean
  readonly setExactMembers: number
  timer(key: SeriesKey): TimerOptions
}

export interface SeriesFormOptions {
  readonly naming?: NamingOptions
  /** 90: the lowest 90 % of a timer's values; -10: the highest 10 %. */
  readonly percentiles?: readonly number[]
  readonly histogram?: readonly HistogramRule[]
  /** The only statistics of timers that are wanted, by etsy's rule; empty: all of them. */
  readonly calculatedTimerMetrics?: readonly string[]
  readonly timerWeighting?: TimerWeighting
  /** How many values of a timer, and members of a set, are kept as they are in an interval. */
  readonly timerExactValues?: number
  readonly setExactMembers?: number
  /** Counters have the series of their sums besides that of their rates. */
  readonly flushCounts?: boolean
}

export function createSeriesForm(options: SeriesFormOptions): SeriesForm {
  const { percentiles = [90], histogram = [], calculatedTimerMetrics = [] } = options
  const { timerExactValues: exactValues = DEFAULT_TIMER_EXACT_VALUES } = options
  const naming = createNaming(options.naming)
  const layoutOf = createTimerLayouts({ percentiles, histogram, calculatedTimerMetrics })
  const weighting = options.timerWeighting ?? FLUSH_PROFILES.default.timerWeighting
  return {
    naming,
    hasCounts: options.flushCounts ?? true,
    setExactMembers: options.setExactMembers ?? DEFAULT_SET_EXACT_MEMBERS,
    timer(key) {
      const layout = layoutOf(key)
      return { layout, weighting, exactValues }
    },
  }
}

/** Whether metrics would be told the same by both. */
export function isSameForm(one: SeriesFormOptions, other: SeriesFormOptions): boolean {
  return FORM_OPTIONS.every((option) => isDeepStrictEqual(one[option], other[option]))
}

const FORM_OPTIONS = [
  'naming',
  'percentiles',
  'histogram',
  'calculatedTimerMetrics',
  'timerWeighting',
  'timerExactValues',
  'setExactMembers',
  'flushCounts',
] as const satisfies (keyof SeriesFormOptions)[]
