import { memo, type ReactNode, useCallback, useMemo, useState } from 'react'
import type { EventEntry, MetricEntry } from '../api.ts'
import { ChartTools } from '../charts/chart-tools.tsx'
import { toDrawn } from '../charts/drawn-series.ts'
import { SeriesLegend } from '../charts/series-legend.tsx'
import { unitOfTargets } from '../charts/target-unit.ts'
import { LineChart } from '../explore/line-chart.tsx'
import { NoData } from '../explore/no-data.tsx'
import { valueAt } from '../explore/aligned.ts'
import { drawnSpan, useTargets } from '../explore/use-targets.ts'
import { useRenderLink } from '../use-render-link.ts'
import { linkTo, type Navigate, type Route } from '../route.ts'
import { showHidden } from '../series-name.ts'
import type { Theme } from '../theme.ts'
import type { Span } from '../time/time-text.ts'
import type { ShownSpan } from '../time/use-span.ts'
import { useTimes } from '../time/times.ts'
import type { Panel } from './board-api.ts'
import { fillVariables, panelTargets } from './board-variables.ts'

export interface BoardPanelProps {
  readonly panel: Panel
  readonly values: ReadonlyMap<string, string>
  readonly span: ShownSpan
  readonly route: Route
  readonly theme: Theme
  readonly events: readonly EventEntry[]
  readonly metrics: readonly MetricEntry[]
  readonly flushSeconds: number
  readonly onTime: Navigate
  /** While the dashboard is changed: what changes this panel. */
  readonly tools?: ReactNode
  readonly onZoom: (span: Span) => void
  readonly onZoomOut: () => void
}

const DRAWN = 20
const MAX_POINTS = 400

/** One panel in its place on the grid. */
export const BoardPanel = memo(function BoardPanel(props: BoardPanelProps) {
  const { panel, values, span, route, theme, events, metrics, flushSeconds, tools } = props
  const { onTime, onZoom, onZoomOut } = props
  const times = useTimes()
  const [isTable, setTable] = useState(false)
  const [near, setNear] = useState<number | null>(null)
  const [hovered, setHovered] = useState<number | null>(null)
  const targets = useMemo(() => panel.targets.map((target) => fillVariables(target, values)), [panel, values])
  const pictured = useMemo(() => panelTargets(panel, values), [panel, values])
  const answer = useTargets(targets, span, {
    maxDataPoints: MAX_POINTS,
    mostDrawn: DRAWN,
    dashboard: route.prefix,
  })
  const { series, points } = answer
  const unit = useMemo(() => unitOfTargets(targets, metrics), [targets, metrics])
  const nowSeconds = answer.span?.nowSeconds ?? 0
  const drawn = useMemo(
    () => toDrawn(series.slice(0, DRAWN), { theme, nowSeconds, flushSeconds }),
    [series, theme, nowSeconds, flushSeconds],
  )
  const legend = useMemo(
    () =>
      drawn.map((_, index) =>
        hovered === null ? series[index]?.stats.last : valueAt(points.columns[index], hovered),
      ),
    [drawn, series, points, hovered],
  )
  const onHover = useCallback((time: number | null, one: number | null) => {
    setHovered(time)
    setNear(time === null || one === null || one < 0 ? null : one)
  }, [])
  const problem = answer.targets.find((one) => one.problem !== null)?.problem
  const seconds = hovered === null ? undefined : points.times[hovered]
  const hasPoints = series.some(({ stats }) => stats.last !== null)
  const title = showHidden(fillVariables(panel.title, values))
  const image = useRenderLink(pictured, span, 'png')
  const explored = useMemo(() => linkTo(route, { page: 'explore', targets }), [route, targets])
  return (
    <article
      className="card overlay-card board-panel"
      aria-label={title}
      style={{
        gridColumn: `${panel.x + 1} / span ${panel.width}`,
        gridRow: `${panel.y + 1} / span ${panel.height}`,
      }}
    >
      <header className="card-head">
        <div className="card-title-row">
          <h3 className="card-name" title={title}>
            <a className="card-link" title="Explore" href={explored}>
              <bdi>{title}</bdi>
            </a>
          </h3>
          <span className="card-type">
            {seconds === undefined ? '' : times.within(span.untilSeconds - span.fromSeconds, seconds)}
          </span>
          {tools ?? <ChartTools name={title} isTable={isTable} onTable={setTable} image={image} />}
        </div>
      </header>
      {problem !== undefined && problem !== null && (
        <p className="board-problem" role="alert">
          {showHidden(problem)}
        </p>
      )}
      {hasPoints ? (
        <LineChart
          series={drawn}
          points={points}
          span={drawnSpan(span, answer)}
          theme={theme}
          unit={unit}
          isStacked={panel.draw === 'stacked'}
          events={events}
          focused={null}
          name={title}
          isTable={isTable}
          onHover={onHover}
          onZoom={onZoom}
          onZoomOut={onZoomOut}
        />
      ) : (
        <div className="board-empty">
          {targets.length === 0 && <p>No target yet.</p>}
          {answer.targets.length < targets.length && <p>Loading …</p>}
          {answer.targets
            .filter((one) => one.problem === null)
            .map(({ target }) => (
              <NoData
                key={target}
                target={target}
                span={span}
                metrics={metrics}
                onReplace={(path, other) =>
                  onTime({
                    page: 'explore',
                    prefix: '',
                    values: [],
                    targets: targets.map((one) => (one === target ? one.replace(path, () => other) : one)),
                  })
                }
                onTime={onTime}
              />
            ))}
        </div>
      )}
      <SeriesLegend
        series={drawn}
        values={legend}
        unit={unit}
        near={near}
        moreCount={series.length - drawn.length}
      />
    </article>
  )
})
