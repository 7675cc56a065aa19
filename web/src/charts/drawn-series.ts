import type { AnsweredSeries } from '../drawing-thread/messages.ts'
import { colorsOf } from '../explore/series-colors.ts'
import type { Theme } from '../theme.ts'

/** How one of several series on one pair of axes is drawn. */
export interface DrawnSeries {
  /** Hostile text. */
  readonly name: string
  readonly color: string
  readonly isDashed: boolean
  readonly isShown: boolean
  /** Points later than this are of intervals that are not over. */
  readonly completeUntilSeconds: number
}

export interface DrawnAt {
  readonly theme: Theme
  /** Kymo's clock, when they were asked for. */
  readonly nowSeconds: number
  readonly flushSeconds: number
}

/** `names`: what they are called instead of their targets. */
export function toDrawn(
  series: readonly Pick<AnsweredSeries, 'target' | 'stepSeconds' | 'readStepSeconds'>[],
  { theme, nowSeconds, flushSeconds }: DrawnAt,
  names: readonly string[] = series.map(({ target }) => target),
): DrawnSeries[] {
  const colors = colorsOf(names)
  return series.map((one, index) => ({
    name: names[index] ?? one.target,
    color: colors[index]?.[theme] ?? '',
    isDashed: colors[index]?.isDashed ?? false,
    isShown: true,
    completeUntilSeconds: completeUntil(one, nowSeconds, flushSeconds),
  }))
}

/**
 * A point of Graphite's covers the time from its own on. One that is made of several is whole when the last of them has come;
 * one that stands for itself is whole when it is there.
 */
export function completeUntil(
  { stepSeconds, readStepSeconds }: Pick<AnsweredSeries, 'stepSeconds' | 'readStepSeconds'>,
  nowSeconds: number,
  flushSeconds: number,
): number {
  const partSeconds = readStepSeconds ?? flushSeconds
  return stepSeconds > partSeconds ? nowSeconds - stepSeconds + partSeconds : Number.POSITIVE_INFINITY
}
