import { memo, type RefCallback, useMemo, useState } from 'react'
import { type EventEntry, type MetricEntry, metricId } from '../api.ts'
import { hasValues, layOut } from '../charts/chart-data.ts'
import { type ChartPlan, seriesOf } from '../charts/chart-plan.ts'
import { Chart } from '../charts/chart.tsx'
import { colorOf } from '../palette.ts'
import type { LoaderState } from '../series-loader.ts'
import type { Theme } from '../theme.ts'
import type { Span } from '../time/time-text.ts'
import type { TimeWindow } from '../time-range.ts'
import { CardEmpty } from './card-empty.tsx'
import { CardHead } from './card-head.tsx'
import { CardReadout } from './card-readout.tsx'
import { summarize } from './card-summary.ts'
import { ValueTable } from './value-table.tsx'

export interface MetricCardProps {
  readonly metric: MetricEntry
  readonly plan: ChartPlan
  readonly loaded: LoaderState
  readonly window: TimeWindow
  readonly theme: Theme
  readonly watch: RefCallback<HTMLElement>
  readonly events?: readonly EventEntry[]
  readonly onZoom?: (span: Span) => void
}

/** One metric: its name, its newest value, its graph and what the cursor points at. */
export const MetricCard = memo(function MetricCard(props: MetricCardProps) {
  const { metric, plan, loaded, window, theme, watch } = props
  const [hovered, setHovered] = useState<number | null>(null)
  const color = colorOf(metric.key)[theme]
  const data = useMemo(() => layOut(plan, loaded.series, window), [plan, loaded.series, window])
  const summary = useMemo(() => (data ? summarize(metric.type, plan, data) : null), [metric.type, plan, data])
  // The cursor stays where it was when the points move on under it.
  const pointed = hovered !== null && data !== undefined && hovered < data.times.length ? hovered : null
  const isDrawn = data !== undefined && hasValues(data)
  return (
    <article className="card" ref={watch} data-visible-id={metricId(metric)} aria-label={metric.key}>
      <CardHead
        metric={metric}
        plan={plan}
        data={data}
        summary={summary}
        hovered={pointed}
        spanSeconds={window.spanSeconds}
        color={color}
      />
      <div className="card-chart">
        {isDrawn ? (
          <Chart
            plan={plan}
            data={data}
            window={window}
            color={color}
            theme={theme}
            label={`Graph of ${metric.key}`}
            onHover={setHovered}
            onZoom={props.onZoom}
            {...(props.events !== undefined && { events: props.events })}
          />
        ) : (
          <CardEmpty
            metric={metric}
            plan={plan}
            isLoaded={data !== undefined}
            refusal={refusalOf(plan, loaded)}
            window={window}
            onTime={props.onZoom}
          />
        )}
      </div>
      {isDrawn && summary !== null && (
        <CardReadout
          plan={plan}
          data={data}
          summary={summary}
          hovered={pointed}
          color={color}
          type={metric.type}
        />
      )}
      {isDrawn && <ValueTable name={metric.key} plan={plan} data={data} />}
    </article>
  )
})

function refusalOf(plan: ChartPlan, loaded: LoaderState): string | undefined {
  return [...seriesOf(plan).keys()]
    .map((key) => loaded.refusals.get(key))
    .find((refusal) => refusal !== undefined)
}
