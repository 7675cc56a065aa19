import { useCallback, useMemo, useState } from 'react'
import type { EventEntry } from '../api.ts'
import { planChart } from '../charts/chart-plan.ts'
import { colorsOf } from '../explore/series-colors.ts'
import { alignSeries, statsOf } from '../explore/series-stats.ts'
import { LineChart } from '../explore/line-chart.tsx'
import { useTargets } from '../explore/use-targets.ts'
import { formatNumber, formatWithUnit, type Unit } from '../format.ts'
import { mainSeries } from '../main-series.ts'
import { linkTo, type Route } from '../route.ts'
import { targetOf } from '../series-loader.ts'
import { showHidden } from '../series-name.ts'
import type { Theme } from '../theme.ts'
import type { Span } from '../time/time-text.ts'
import { useTimes } from '../time/times.ts'
import type { Overlay } from './layout.ts'

export interface OverlayCardProps {
  readonly overlay: Overlay
  readonly span: Span
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
  const [hovered, setHovered] = useState<number | null>(null)
  const [near, setNear] = useState<number | null>(null)
  const keys = useMemo(
    () => overlay.members.slice(0, DRAWN).map(({ metric }) => mainSeries(metric) ?? metric.key),
    [overlay],
  )
  const target = `group(${keys.map(targetOf).join(',')})`
  const { answers } = useTargets([target], span, MAX_POINTS)
  const answer = answers.get(target)
  const series = useMemo(() => {
    const byName = new Map((answer?.series ?? []).map((one) => [one.target, one]))
    return keys.map((key) => byName.get(key) ?? { target: key, datapoints: [] })
  }, [answer, keys])
  const data = useMemo(() => alignSeries(series), [series])
  const drawn = useMemo(() => {
    const nodes = overlay.members.slice(0, DRAWN).map(({ node }) => node)
    const colors = colorsOf(nodes)
    return nodes.map((name, index) => ({
      name,
      color: colors[index]?.[theme] ?? '',
      isDashed: colors[index]?.isDashed ?? false,
      isShown: true,
    }))
  }, [overlay, theme])
  const onHover = useCallback((time: number | null, one: number | null) => {
    setHovered(time)
    setNear(time === null || one === null || one < 0 ? null : one)
  }, [])
  const stats = useMemo(() => series.map(statsOf), [series])
  const seconds = hovered === null ? undefined : data.times[hovered]
  const [first] = overlay.members
  const unit = first === undefined ? 'none' : planChart(first.metric).unit
  const title = `${route.prefix}.${overlay.title}`
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
                <span className="card-prefix">*.</span>
                {showHidden(overlay.title.slice(2))}
              </a>
            </bdi>
          </h3>
          <span className="card-type">
            {seconds === undefined
              ? `${overlay.members.length} × ${overlay.type}`
              : times.within(span.untilSeconds - span.fromSeconds, seconds)}
          </span>
        </div>
      </header>
      {answer !== undefined && (
        <LineChart
          series={drawn}
          data={data}
          span={span}
          theme={theme}
          events={events}
          focused={null}
          unit={unit}
          label={`Graph of ${title}`}
          onHover={onHover}
          onZoom={onZoom}
          onZoomOut={onZoomOut}
        />
      )}
      <ul className="overlay-legend">
        {drawn.map(({ name, color, isDashed }, index) => {
          const value =
            hovered === null ? (stats[index]?.last ?? null) : (data.columns[index]?.[hovered] ?? null)
          return (
            <li key={name} className={near === index ? 'overlay-near' : ''}>
              <svg viewBox="0 0 14 8" className="readout-sample" aria-hidden="true">
                <path
                  d="M0 4h14"
                  stroke={color}
                  strokeWidth="2.5"
                  {...(isDashed && { strokeDasharray: '4 2' })}
                />
              </svg>
              <a href={linkTo(route, { page: 'dashboard', prefix: `${route.prefix}.${name}` })}>
                <bdi>{showHidden(name)}</bdi>
              </a>{' '}
              <b>{writeValue(value, overlay.type, unit)}</b>
            </li>
          )
        })}
        {overlay.members.length > DRAWN && <li>and {overlay.members.length - DRAWN} more</li>}
      </ul>
    </article>
  )
}

function writeValue(value: number | null, type: Overlay['type'], unit: Unit): string {
  if (value === null) return '–'
  return type === 'counter' ? `${formatNumber(value, 3)} /s` : formatWithUnit(value, unit)
}
