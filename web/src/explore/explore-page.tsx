import { useCallback, useEffect, useMemo, useState } from 'react'
import { type FunctionEntry, fetchFunctions, type MetricEntry } from '../api.ts'
import type { LiveState } from '../live.ts'
import { mainSeries } from '../main-series.ts'
import type { Navigate, Route } from '../route.ts'
import { isOwnMetric, showHidden } from '../series-name.ts'
import { useTheme } from '../theme.ts'
import { EventList } from '../time/event-list.tsx'
import { TimeBar } from '../time/time-bar.tsx'
import { useSpan } from '../time/use-span.ts'
import { useTimeKeys } from '../time/use-time-keys.ts'
import { useZoom } from '../time/use-zoom.ts'
import { useEvents } from '../time/use-events.ts'
import '../styles/time.css'
import '../styles/explore.css'
import { ChartTools } from '../charts/chart-tools.tsx'
import { toDrawn } from '../charts/drawn-series.ts'
import { unitOfTargets } from '../charts/target-unit.ts'
import type { Unit } from '../format.ts'
import { renderLink } from '../render-link.ts'
import { useTimes } from '../time/times.ts'
import { LineChart } from './line-chart.tsx'
import { NoData } from './no-data.tsx'
import { valueAt } from './aligned.ts'
import { NO_STATS } from './series-stats.ts'
import { SeriesTable } from './series-table.tsx'
import { TargetEditor } from './target-editor.tsx'
import { drawnSpan, useTargets } from './use-targets.ts'

export interface ExplorePageProps {
  readonly live: LiveState
  readonly metrics: readonly MetricEntry[]
  readonly route: Route
  readonly onNavigate: Navigate
}

/** As many as are drawn; the table says of all. */
const DRAWN_SERIES = 100
const MAX_POINTS = 800

/** Any target, its graph and its numbers. All of what is shown is in the address. */
export function ExplorePage({ live, metrics, route, onNavigate }: ExplorePageProps) {
  const [functions, setFunctions] = useState<ReadonlyMap<string, FunctionEntry>>(new Map())
  const [hovered, setHovered] = useState<number | null>(null)
  const [near, setNear] = useState<number | null>(null)
  const [pointed, setPointed] = useState<number | null>(null)
  const [isTable, setTable] = useState(false)
  const theme = useTheme()
  const { zone } = useTimes()
  const flushSeconds = (live.status?.flushIntervalMs ?? 0) / 1000
  const span = useSpan(route, live, metrics, hovered !== null)
  useTimeKeys(span, onNavigate)
  const events = useEvents(span)
  const targets = route.targets.length === 0 ? [''] : route.targets
  const [isLoading, setLoading] = useState(false)
  const answer = useTargets(targets, span, {
    maxDataPoints: MAX_POINTS,
    mostDrawn: DRAWN_SERIES,
    onLoading: setLoading,
  })
  const { series, points } = answer
  const nowSeconds = answer.span?.nowSeconds ?? 0

  useEffect(() => {
    document.title = 'Explore · Kymo'
    void fetchFunctions().then(setFunctions, () => undefined)
  }, [])

  const drawn = useMemo(() => {
    const isOnly = series.some(({ target }) => target === route.only)
    return toDrawn(series, { theme, nowSeconds, flushSeconds }).map((one) => ({
      ...one,
      isShown: !isOnly || one.name === route.only,
    }))
  }, [series, theme, route.only, nowSeconds, flushSeconds])
  const shown = useMemo(() => drawn.slice(0, DRAWN_SERIES), [drawn])

  const setTargets = (next: readonly string[]) => onNavigate({ targets: next, only: '' })
  const replaceTarget = (index: number, text: string) => {
    if (text !== targets[index]) setTargets(targets.map((target, i) => (i === index ? text : target)))
  }
  const onHover = useCallback((time: number | null, next: number | null) => {
    setHovered(time)
    setNear(time === null || next === null || next < 0 ? null : next)
  }, [])
  const { onZoom, onZoomOut } = useZoom(span, onNavigate)
  const problemOf = (target: string) =>
    answer.targets.find((one) => one.target === target || one.target === '')?.problem ?? null
  const hasPoints = series.some(({ stats }) => stats.last !== null)
  const asked = targets.filter((target) => target !== '')
  const isAsked = asked.length > 0
  const unit = useUnit(asked, metrics)
  const link = { targets: asked, span, isLive: span.isLive, zone }

  return (
    <div className="explore">
      <h2 className="visually-hidden">Explore</h2>
      <div className="targets">
        {targets.map((target, index) => (
          <TargetEditor
            // biome-ignore lint/suspicious/noArrayIndexKey: a target is where it stands.
            key={index}
            value={target}
            index={index}
            functions={functions}
            metrics={metrics}
            problem={problemOf(target)}
            onRun={(text) => replaceTarget(index, text)}
            onAdd={() => setTargets([...targets, ''])}
            onRemove={
              targets.length > 1 ? () => setTargets(targets.filter((_, i) => i !== index)) : undefined
            }
          />
        ))}
      </div>
      <section className="explore-panel" aria-busy={isLoading} aria-label="Graph">
        <TimeBar time={route} span={span} isHeld={hovered !== null} onChange={onNavigate} />
        <progress className={isLoading ? 'loading' : 'loading loading-done'} aria-label="Loading" />
        {hasPoints && (
          <LineChart
            series={shown}
            points={points}
            span={drawnSpan(span, answer)}
            theme={theme}
            events={events}
            focused={pointed}
            unit={unit}
            isStacked={false}
            name="the targets"
            isTable={isTable}
            onHover={onHover}
            onZoom={onZoom}
            onZoomOut={onZoomOut}
          />
        )}
        {hasPoints && (
          <div className="explore-tools">
            <EventList events={events} />
            <ChartTools
              name="the targets"
              isTable={isTable}
              onTable={setTable}
              image={renderLink({ ...link, format: 'png' })}
              csv={renderLink({ ...link, format: 'csv' })}
            />
          </div>
        )}
        {!hasPoints && !isAsked && (
          <Invitation metrics={metrics} onChoose={(target) => setTargets([target])} />
        )}
        {answer.targets
          .filter(({ problem, hasValues }) => problem === null && !hasValues)
          .map(({ target }) => (
            <NoData
              key={target}
              target={target}
              span={span}
              metrics={metrics}
              onReplace={(path, other) =>
                setTargets(targets.map((one) => (one === target ? one.replace(path, () => other) : one)))
              }
              onTime={onNavigate}
            />
          ))}
        {drawn.length > 0 && (
          <SeriesTable
            series={drawn.map((one, index) => ({
              ...one,
              stats: series[index]?.stats ?? NO_STATS,
              hovered: hovered === null ? undefined : (valueAt(points.columns[index], hovered) ?? null),
            }))}
            unit={unit}
            hoveredSeconds={hovered === null ? null : (points.times[hovered] ?? null)}
            focused={pointed ?? near}
            onFocus={setPointed}
            onIsolate={(name) => onNavigate({ only: route.only === name ? '' : name })}
          />
        )}
        {series.length > DRAWN_SERIES && <p className="more-note">The first {DRAWN_SERIES} are drawn.</p>}
      </section>
    </div>
  )
}

/** What has mistakes draws nothing, and has no say. */
function useUnit(targets: readonly string[], metrics: readonly MetricEntry[]): Unit {
  const text = JSON.stringify(targets)
  return useMemo(() => unitOfTargets(JSON.parse(text) as string[], metrics), [text, metrics])
}

const INVITED = 8

function Invitation(props: { metrics: readonly MetricEntry[]; onChoose: (target: string) => void }) {
  return (
    <div className="no-data">
      <p>Type a path, a function or a part of a name. Or begin with one of these:</p>
      <p className="no-data-ways">
        {props.metrics
          .filter(({ key }) => !key.includes(';') && !isOwnMetric(key))
          .slice(0, INVITED)
          .map((metric) => (
            <button
              key={`${metric.type} ${metric.key}`}
              type="button"
              className="name-button"
              onClick={() => props.onChoose(mainSeries(metric) ?? metric.key)}
            >
              {showHidden(metric.key)}
            </button>
          ))}
      </p>
    </div>
  )
}
