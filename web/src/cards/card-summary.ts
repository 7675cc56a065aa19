import type { MetricKind } from '../api.ts'
import { type ChartData, lastedSeconds, valueAt } from '../charts/chart-data.ts'
import type { ChartPlan } from '../charts/chart-plan.ts'

/** The numbers that stand beside a chart; null: there is none. */
export interface CardSummary {
  /** The newest value. For a counter: per second, of the newest interval that is complete. */
  readonly last: number | null
  /** Of what is drawn. For a counter per second; for a timer of the whole range behind the lines. */
  readonly min: number | null
  readonly max: number | null
  /** Events of a counter and samples of a timer, over everything that is drawn. */
  readonly total: number | null
}

export function summarize(type: MetricKind, plan: ChartPlan, data: ChartData): CardSummary {
  const column = (key: string | undefined | null) => inWindow(data, key)
  const main = column(plan.lines[0]?.key)
  switch (type) {
    case 'counter': {
      const { untilSeconds } = data.window
      const complete = main.filter(({ seconds }) => seconds <= untilSeconds)
      const perSecond = (complete.length > 0 ? complete : main).map(
        ({ seconds, value }) => value / lastedSeconds(data, seconds),
      )
      return {
        last: perSecond.at(-1) ?? null,
        ...extremes(perSecond, perSecond),
        total: sum(main),
      }
    }
    case 'timer': {
      const lows = plan.band ? column(plan.band.lowerKey) : main
      const highs = plan.band ? column(plan.band.upperKey) : main
      return {
        last: main.at(-1)?.value ?? null,
        ...extremes(
          lows.map(({ value }) => value),
          highs.map(({ value }) => value),
        ),
        total: plan.countKey === null ? null : sum(column(plan.countKey)),
      }
    }
    case 'gauge':
    case 'set':
    case 'untyped': {
      const values = (key: string | undefined) => column(key).map(({ value }) => value)
      const lows = values(plan.band?.lowerKey ?? plan.lines[0]?.key)
      const highs = values(plan.band?.upperKey ?? plan.lines[0]?.key)
      return { last: main.at(-1)?.value ?? null, ...extremes(lows, highs), total: null }
    }
  }
}

interface TimedValue {
  readonly seconds: number
  readonly value: number
}

function inWindow(data: ChartData, key: string | undefined | null): TimedValue[] {
  const fromSeconds = data.window.untilSeconds - data.window.spanSeconds
  return data.times.flatMap((seconds, i) => {
    const value = valueAt(data, key, i)
    return value === null || seconds <= fromSeconds ? [] : [{ seconds, value }]
  })
}

function extremes(lows: readonly number[], highs: readonly number[]): Pick<CardSummary, 'min' | 'max'> {
  return {
    min: lows.length === 0 ? null : lows.reduce((a, b) => Math.min(a, b)),
    max: highs.length === 0 ? null : highs.reduce((a, b) => Math.max(a, b)),
  }
}

function sum(values: readonly TimedValue[]): number | null {
  return values.length === 0 ? null : values.reduce((total, { value }) => total + value, 0)
}
