import { memo, type RefCallback, useMemo, useState } from 'react'
import { type EventEntry, type MetricEntry, metricId } from '../api.ts'
import { hasValues, layOut, shownBand } from '../charts/chart-data.ts'
import { type ChartPlan, seriesOf } from '../charts/chart-plan.ts'
import { ChartTools } from '../charts/chart-tools.tsx'
import { Chart } from '../charts/chart.tsx'
import { PointsTable } from '../charts/points-table.tsx'
import { colorOf } from '../palette.ts'
import type { Route } from '../route.ts'
import { renderLink } from '../render-link.ts'
import { type LoaderState, targetOf } from '../series-loader.ts'
import type { Theme } from '../theme.ts'
import type { Span } from '../time/time-text.ts'
import { useTimes } from '../time/times.ts'
import type { TimeWindow } from '../time-range.ts'
import { CardEmpty } from './card-empty.tsx'
import { CardHead } from './card-head.tsx'
import { CardReadout, ReadoutRoom } from './card-readout.tsx'
import { summarize } from './card-summary.ts'

export interface MetricCardProps {
  readonly metric: MetricEntry
  readonly plan: ChartPlan
  readonly loaded: LoaderState
  readonly window: TimeWindow
  readonly route: Route
  readonly theme: Theme
  readonly watch: RefCallback<HTMLElement>
  /** The window ends now, and moves on. */
  readonly isLive: boolean
  readonly events?: readonly EventEntry[]
  readonly onZoom?: (span: Span) => void
}

/** One metric: its name, its newest value, its graph and what the cursor points at. */
export const MetricCard = memo(function MetricCard(props: MetricCardProps) {
  const { metric, plan, loaded, window, route, theme, watch, isLive } = props
  const { zone } = useTimes()
  const [isTable, setTable] = useState(false)
  const [hovered, setHovered] = useState<number | null>(null)
  const color = colorOf(metric.key)[theme]
  const data = useMemo(() => layOut(plan, loaded.series, window), [plan, loaded.series, window])
  const summary = useMemo(() => (data ? summarize(metric.type, plan, data) : null), [metric.type, plan, data])
  // The cursor stays where it was when the points move on under it.
  const pointed = hovered !== null && data !== undefined && hovered < data.times.length ? hovered : null
  const isDrawn = data !== undefined && hasValues(data)
  const columns = useMemo(() => {
    const band = data === undefined ? null : shownBand(plan, data)
    const ofBand =
      band === null
        ? []
        : [
            { key: band.lowerKey, label: 'lowest' },
            { key: band.upperKey, label: 'highest' },
          ]
    const shown = [...plan.lines, ...ofBand]
    return shown.map(({ key, label }) => ({ label, values: data?.columns.get(key) ?? [] }))
  }, [plan, data])
  const targets = plan.lines.map(({ key }) => targetOf(key))
  const span = {
    fromSeconds: window.untilSeconds - window.spanSeconds,
    untilSeconds: window.untilSeconds,
  }
  return (
    <article className="card" ref={watch} data-visible-id={metricId(metric)} aria-label={metric.key}>
      <CardHead
        metric={metric}
        route={route}
        plan={plan}
        data={data}
        summary={summary}
        hovered={pointed}
        spanSeconds={window.spanSeconds}
        color={color}
        tools={
          isDrawn && (
            <ChartTools
              name={metric.key}
              isTable={isTable}
              onTable={setTable}
              image={renderLink({ targets, span, isLive, zone, format: 'png' })}
            />
          )
        }
      />
      <div className="card-chart">
        {isDrawn && (
          <PointsTable
            name={metric.key}
            times={data.times}
            columns={columns}
            unit={plan.unit}
            isShown={isTable}
          />
        )}
        {isDrawn && !isTable && (
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
        )}
        {!isDrawn && (
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
      {data === undefined && <ReadoutRoom plan={plan} />}
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
    </article>
  )
})

function refusalOf(plan: ChartPlan, loaded: LoaderState): string | undefined {
  return seriesOf(plan)
    .map((key) => loaded.refusals.get(key))
    .find((refusal) => refusal !== undefined)
}
