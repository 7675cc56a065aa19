import { type ReactNode, useCallback, useMemo, useState } from 'react'
import type { EventEntry, MetricEntry } from '../api.ts'
import { ChartTools } from '../charts/chart-tools.tsx'
import { toDrawn } from '../charts/drawn-series.ts'
import { SeriesLegend } from '../charts/series-legend.tsx'
import { LineChart } from '../explore/line-chart.tsx'
import { NoData } from '../explore/no-data.tsx'
import { alignSeries, statsOf } from '../explore/series-stats.ts'
import { drawnSpan, useTargets } from '../explore/use-targets.ts'
import type { LiveState } from '../live.ts'
import { renderLink } from '../render-link.ts'
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
  readonly live: LiveState
  readonly onTime: Navigate
  /** While the dashboard is changed: what changes this panel. */
  readonly tools?: ReactNode
  readonly onZoom: (span: Span) => void
  readonly onZoomOut: () => void
}

const DRAWN = 20
const MAX_POINTS = 400

/** One panel in its place on the grid. */
export function BoardPanel(props: BoardPanelProps) {
  const { panel, values, span, route, theme, events, metrics, live, onTime, onZoom, onZoomOut, tools } = props
  const times = useTimes()
  const flushSeconds = (live.status?.flushIntervalMs ?? 0) / 1000
  const [isTable, setTable] = useState(false)
  const [near, setNear] = useState<number | null>(null)
  const [hovered, setHovered] = useState<number | null>(null)
  const targets = useMemo(() => panelTargets(panel, values), [panel, values])
  const { answers } = useTargets(targets, span, MAX_POINTS, route.prefix)
  const all = useMemo(
    () => targets.flatMap((target) => answers.get(target)?.series ?? []),
    [answers, targets],
  )
  const series = useMemo(() => all.slice(0, DRAWN), [all])
  const data = useMemo(() => alignSeries(series), [series])
  const stats = useMemo(() => series.map(statsOf), [series])
  const drawn = useMemo(
    () => toDrawn(series, { theme, nowSeconds: span.nowSeconds, flushSeconds }),
    [series, theme, span, flushSeconds],
  )
  const onHover = useCallback((time: number | null, one: number | null) => {
    setHovered(time)
    setNear(time === null || one === null || one < 0 ? null : one)
  }, [])
  const problem = [...answers.values()].find((answer) => answer.problem !== null)?.problem
  const seconds = hovered === null ? undefined : data.times[hovered]
  const hasPoints = stats.some(({ last }) => last !== null)
  const title = showHidden(fillVariables(panel.title, values))
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
            <a
              className="card-link"
              title="Explore"
              href={linkTo(route, {
                page: 'explore',
                targets: panel.targets.map((target) => fillVariables(target, values)),
              })}
            >
              <bdi>{title}</bdi>
            </a>
          </h3>
          <span className="card-type">
            {seconds === undefined ? '' : times.within(span.untilSeconds - span.fromSeconds, seconds)}
          </span>
          {tools ?? (
            <ChartTools
              name={title}
              isTable={isTable}
              onTable={setTable}
              image={renderLink({ targets, span, isLive: span.isLive, zone: times.zone, format: 'png' })}
            />
          )}
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
          data={data}
          span={drawnSpan(span, answers)}
          theme={theme}
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
          {answers.size < targets.length && <p>Loading …</p>}
          {[...answers.values()]
            .filter((answer) => answer.problem === null)
            .map(({ target }) => (
              <NoData
                key={target}
                target={target}
                span={span}
                metrics={metrics}
                live={live}
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
        values={
          hovered === null ? stats.map(({ last }) => last) : data.columns.map((column) => column[hovered])
        }
        unit="none"
        near={near}
        moreCount={all.length - series.length}
      />
    </article>
  )
}
