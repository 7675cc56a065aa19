import { useCallback, useMemo, useState } from 'react'
import type { EventEntry } from '../api.ts'
import { planChart } from '../charts/chart-plan.ts'
import { CardEmpty } from '../cards/card-empty.tsx'
import { ChartTools } from '../charts/chart-tools.tsx'
import { toDrawn } from '../charts/drawn-series.ts'
import { SeriesLegend } from '../charts/series-legend.tsx'
import { valueAt } from '../explore/aligned.ts'
import { LineChart } from '../explore/line-chart.tsx'
import { seenOf } from '../explore/missing.ts'
import { drawnSpan, useTargets } from '../explore/use-targets.ts'
import { useLive } from '../live-context.ts'
import { mainSeries } from '../main-series.ts'
import { renderLink } from '../render-link.ts'
import { linkTo, type Route } from '../route.ts'
import { targetOf } from '../series-loader.ts'
import { showHidden } from '../series-name.ts'
import type { Theme } from '../theme.ts'
import type { Span } from '../time/time-text.ts'
import { windowOf } from '../time-range.ts'
import type { ShownSpan } from '../time/use-span.ts'
import { useTimes } from '../time/times.ts'
import type { Overlay } from './layout.ts'

export interface OverlayCardProps {
  readonly overlay: Overlay
  readonly span: ShownSpan
  readonly route: Route
  readonly theme: Theme
  readonly events: readonly EventEntry[]
  readonly onZoom: (span: Span) => void
  readonly onZoomOut: () => void
}

/** More lines than this say nothing; the explore page has all. */
const DRAWN = 8
const MAX_POINTS = 300

/** Metrics that differ in one node, on one pair of axes. */
export function OverlayCard(props: OverlayCardProps) {
  const { overlay, span, route, theme, events, onZoom, onZoomOut } = props
  const times = useTimes()
  const flushSeconds = (useLive().status?.flushIntervalMs ?? 0) / 1000
  const [isTable, setTable] = useState(false)
  const [hovered, setHovered] = useState<number | null>(null)
  const [near, setNear] = useState<number | null>(null)
  const keys = useMemo(
    () => overlay.members.slice(0, DRAWN).map(({ metric }) => mainSeries(metric) ?? metric.key),
    [overlay],
  )
  const target = `group(${keys.map(targetOf).join(',')})`
  const answer = useTargets([target], span, { maxDataPoints: MAX_POINTS, mostDrawn: DRAWN, names: keys })
  const { series, points } = answer
  const nowSeconds = answer.span?.nowSeconds ?? 0
  const isAwaited = answer.targets.length === 0
  const drawn = useMemo(() => {
    const nodes = overlay.members.map(({ node }) => node)
    // The legend has its names before the answer is there, and so its height.
    const awaited = keys.map((key) => ({ target: key, stepSeconds: 0, readStepSeconds: null }))
    return toDrawn(isAwaited ? awaited : series, { theme, nowSeconds, flushSeconds }, nodes)
  }, [isAwaited, keys, series, overlay, theme, nowSeconds, flushSeconds])
  const onHover = useCallback((time: number | null, one: number | null) => {
    setHovered(time)
    setNear(time === null || one === null || one < 0 ? null : one)
  }, [])
  const legend = series.map(({ stats }, index) =>
    hovered === null ? stats.last : valueAt(points.columns[index], hovered),
  )
  const seconds = hovered === null ? undefined : points.times[hovered]
  const [first] = overlay.members
  const hasPoints = series.some(({ stats }) => stats.last !== null)
  const unit =
    overlay.type === 'counter' ? 'rate' : first === undefined ? 'none' : planChart(first.metric).unit
  const { isByTags } = overlay
  const title = isByTags ? overlay.title : `${route.prefix}.${overlay.title}`
  return (
    <article className="card overlay-card" aria-label={title}>
      <header className="card-head">
        <div className="card-title-row">
          <h3 className="card-name" title={showHidden(title)}>
            <bdi>
              <a
                className="card-link"
                title="Explore"
                href={linkTo(route, {
                  page: 'explore',
                  targets: overlay.members.map(({ metric }) => targetOf(mainSeries(metric) ?? metric.key)),
                })}
              >
                {!isByTags && <span className="card-prefix">*.</span>}
                {showHidden(isByTags ? overlay.title : overlay.title.slice(2))}
              </a>
            </bdi>
          </h3>
          <span className="card-type">
            {seconds === undefined
              ? `${overlay.members.length} × ${overlay.type}`
              : times.within(span.untilSeconds - span.fromSeconds, seconds)}
          </span>
          <ChartTools
            name={title}
            isTable={isTable}
            onTable={setTable}
            image={renderLink({
              targets: keys.map(targetOf),
              span,
              isLive: span.isLive,
              zone: times.zone,
              format: 'png',
            })}
          />
        </div>
      </header>
      {!isAwaited && !hasPoints && first !== undefined && (
        <CardEmpty
          metric={{ ...first.metric, ...seenOf(overlay.members.map(({ metric }) => metric)) }}
          plan={planChart(first.metric)}
          isLoaded
          refusal={answer.targets.find(({ problem }) => problem !== null)?.problem ?? undefined}
          window={windowOf(span)}
          onTime={onZoom}
        />
      )}
      {isAwaited && <div className="line-chart" />}
      {hasPoints && (
        <LineChart
          series={drawn}
          points={points}
          span={drawnSpan(span, answer)}
          theme={theme}
          events={events}
          focused={null}
          unit={unit}
          isStacked={false}
          name={title}
          isTable={isTable}
          onHover={onHover}
          onZoom={onZoom}
          onZoomOut={onZoomOut}
        />
      )}
      <SeriesLegend
        series={drawn}
        values={legend}
        unit={unit}
        near={near}
        moreCount={overlay.members.length - drawn.length}
        {...(!isByTags && {
          linkOf: (name: string) => linkTo(route, { page: 'dashboard', prefix: `${route.prefix}.${name}` }),
        })}
      />
    </article>
  )
}
