import type { ReactNode } from 'react'
import type { MetricEntry } from '../api.ts'
import { type ChartData, lastedSeconds, valueAt } from '../charts/chart-data.ts'
import type { ChartPlan } from '../charts/chart-plan.ts'
import { formatCount, formatNumber, formatQuantity, formatSpan, type Quantity } from '../format.ts'
import { mainSeries } from '../main-series.ts'
import { prefixOf } from '../dashboard/prefixes.ts'
import { linkTo, type Route } from '../route.ts'
import { targetOf } from '../series-loader.ts'
import { readSeriesName, showHidden } from '../series-name.ts'
import { useTimes } from '../time/times.ts'
import type { CardSummary } from './card-summary.ts'

export interface CardHeadProps {
  readonly metric: MetricEntry
  readonly route: Route
  readonly plan: ChartPlan
  readonly data: ChartData | undefined
  readonly summary: CardSummary | null
  /** Index of the point under the cursor; null: none, the newest is shown. */
  readonly hovered: number | null
  readonly spanSeconds: number
  readonly color: string
  /** What can be done with its chart. */
  readonly tools: ReactNode
}

export function CardHead(props: CardHeadProps) {
  const { metric, route, plan, data, summary, hovered, spanSeconds, color, tools } = props
  const times = useTimes()
  const name = readSeriesName(metric.key)
  return (
    <header className="card-head">
      <div className="card-title-row">
        <svg className="card-swatch" viewBox="0 0 8 8" aria-hidden="true">
          <circle cx="4" cy="4" r="4" fill={color} />
        </svg>
        <h3 className="card-name" title={showHidden(metric.key)}>
          <bdi>
            {name.prefix !== '' && (
              <a
                className="card-link card-prefix"
                href={linkTo(route, { page: 'dashboard', prefix: prefixOf(metric.key) })}
              >
                {name.prefix}
              </a>
            )}
            <a className="card-link" href={exploreLink(metric, route)} title="Explore">
              {name.leaf}
            </a>
          </bdi>
        </h3>
        <span className="card-type">{metric.type}</span>
        {tools}
      </div>
      {name.tags.length > 0 && (
        <ul className="card-tags" aria-label="Tags">
          {name.tags.map((tag) => (
            <li key={tag.key} className="chip" title={`${tag.key}:${tag.value}`}>
              <bdi>
                <span className="chip-key">{tag.value === '' ? tag.key : `${tag.key}:`}</span>
                {tag.value}
              </bdi>
            </li>
          ))}
        </ul>
      )}
      <div className="card-figures">
        <Figure metric={metric} plan={plan} value={shownValue(metric, plan, data, summary, hovered)} />
        <p className="card-aside">
          {hovered !== null && data?.times[hovered] !== undefined ? (
            <time>{times.within(spanSeconds, data.times[hovered])}</time>
          ) : (
            summary !== null && describeTotal(metric, summary, spanSeconds)
          )}
        </p>
      </div>
    </header>
  )
}

function Figure({ metric, plan, value }: { metric: MetricEntry; plan: ChartPlan; value: number | null }) {
  if (value === null) return <p className="card-figure card-figure-none">–</p>
  const { number, unit } = describeValue(metric, plan, value)
  return (
    <p className="card-figure" title={String(value)}>
      {number}
      {unit !== '' && <span className="card-unit">{unit}</span>}
    </p>
  )
}

/** What the cursor points at, and without a cursor the newest. */
function shownValue(
  metric: MetricEntry,
  plan: ChartPlan,
  data: ChartData | undefined,
  summary: CardSummary | null,
  hovered: number | null,
): number | null {
  if (hovered === null || data === undefined) return summary?.last ?? null
  const value = valueAt(data, plan.lines[0]?.key, hovered)
  return value !== null && metric.type === 'counter'
    ? value / lastedSeconds(data, data.times[hovered] ?? 0)
    : value
}

function describeValue(metric: MetricEntry, plan: ChartPlan, value: number): Quantity {
  switch (metric.type) {
    case 'counter':
      return { number: formatNumber(value, 3), unit: '/s' }
    case 'set':
      return { number: formatNumber(value), unit: 'unique' }
    case 'timer': {
      const { number, unit } = formatQuantity(value, plan.unit)
      return { number, unit: `${unit} ${plan.lines[0]?.label ?? ''}`.trim() }
    }
    case 'gauge':
    case 'untyped':
      return formatQuantity(value, plan.unit)
  }
}

function describeTotal(metric: MetricEntry, summary: CardSummary, spanSeconds: number) {
  if (summary.total === null) return null
  return (
    <span title={formatCount(summary.total)}>
      {formatNumber(summary.total, 3)} {metric.type === 'timer' && 'samples '}in {formatSpan(spanSeconds)}
    </span>
  )
}

function exploreLink(metric: MetricEntry, route: Route): string {
  const series = mainSeries(metric)
  return linkTo(route, { page: 'explore', targets: series === undefined ? [] : [targetOf(series)] })
}
