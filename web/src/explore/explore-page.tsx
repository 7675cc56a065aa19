import { useCallback, useEffect, useMemo, useState } from 'react'
import { type FunctionEntry, fetchFunctions, type MetricEntry } from '../api.ts'
import type { LiveState } from '../live.ts'
import { mainSeries } from '../main-series.ts'
import type { Navigate, Route } from '../route.ts'
import { useTheme } from '../theme.ts'
import { EventList } from '../time/event-list.tsx'
import { TimeBar } from '../time/time-bar.tsx'
import { type Span, spanText, zoomOut } from '../time/time-text.ts'
import { useSpan } from '../time/use-span.ts'
import { useTimeKeys } from '../time/use-time-keys.ts'
import { useEvents } from '../time/use-events.ts'
import '../styles/time.css'
import '../styles/explore.css'
import { LineChart } from './line-chart.tsx'
import { NoData } from './no-data.tsx'
import { colorsOf } from './series-colors.ts'
import { alignSeries, statsOf } from './series-stats.ts'
import { SeriesTable } from './series-table.tsx'
import { TargetEditor } from './target-editor.tsx'
import { useTargets } from './use-targets.ts'

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
  const theme = useTheme()
  const span = useSpan(route, live, metrics, hovered !== null)
  useTimeKeys(span, onNavigate)
  const events = useEvents(span)
  const targets = route.targets.length === 0 ? [''] : route.targets
  const { answers, isLoading } = useTargets(targets, span, MAX_POINTS)

  useEffect(() => {
    document.title = 'Explore · Kymo'
    void fetchFunctions().then(setFunctions, () => undefined)
  }, [])

  const series = useMemo(
    () => targets.flatMap((target) => answers.get(target)?.series ?? []),
    // biome-ignore lint/correctness/useExhaustiveDependencies: the targets are new with every drawing.
    [answers, route.targets.join('\n')],
  )
  const drawn = useMemo(() => {
    const colors = colorsOf(series.map(({ target }) => target))
    const isOnly = series.some(({ target }) => target === route.only)
    return series.map((one, index) => ({
      name: one.target,
      color: colors[index]?.[theme] ?? '',
      isDashed: colors[index]?.isDashed ?? false,
      isShown: !isOnly || one.target === route.only,
      stats: statsOf(one),
    }))
  }, [series, theme, route.only])
  const data = useMemo(() => alignSeries(series.slice(0, DRAWN_SERIES)), [series])

  const setTargets = (next: readonly string[]) => onNavigate({ targets: next, only: '' })
  const replaceTarget = (index: number, text: string) => {
    if (text !== targets[index]) setTargets(targets.map((target, i) => (i === index ? text : target)))
  }
  const onHover = useCallback((time: number | null, next: number | null) => {
    setHovered(time)
    setNear(time === null || next === null || next < 0 ? null : next)
  }, [])
  const onZoom = useCallback((zoomed: Span) => onNavigate(spanText(zoomed)), [onNavigate])
  const hasPoints = drawn.some(({ stats }) => stats.last !== null)
  const isAsked = targets.some((target) => target !== '')

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
            problem={answers.get(target)?.problem ?? null}
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
            series={drawn.slice(0, DRAWN_SERIES)}
            data={data}
            span={span}
            theme={theme}
            events={events}
            focused={pointed}
            label="Graph of the targets; the table below has its numbers"
            onHover={onHover}
            onZoom={onZoom}
            onZoomOut={() => onNavigate(zoomOut(span, span.nowSeconds))}
          />
        )}
        {!hasPoints && !isAsked && (
          <Invitation metrics={metrics} onChoose={(target) => setTargets([target])} />
        )}
        {[...answers.values()]
          .filter(
            (answer) => answer.problem === null && answer.series.every((one) => statsOf(one).last === null),
          )
          .map(({ target }) => (
            <NoData
              key={target}
              target={target}
              span={span}
              metrics={metrics}
              live={live}
              onReplace={(path, other) =>
                setTargets(targets.map((one) => (one === target ? one.replace(path, () => other) : one)))
              }
              onTime={onNavigate}
            />
          ))}
        {hasPoints && <EventList events={events} />}
        {drawn.length > 0 && (
          <SeriesTable
            series={drawn.map((one, index) => ({
              ...one,
              hovered: hovered === null ? undefined : (data.columns[index]?.[hovered] ?? null),
            }))}
            hoveredSeconds={hovered === null ? null : (data.times[hovered] ?? null)}
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

const INVITED = 8

function Invitation(props: { metrics: readonly MetricEntry[]; onChoose: (target: string) => void }) {
  return (
    <div className="no-data">
      <p>Type a path, a function or a part of a name. Or begin with one of these:</p>
      <p className="no-data-ways">
        {props.metrics
          .filter(({ key }) => !key.includes(';'))
          .slice(0, INVITED)
          .map((metric) => (
            <button
              key={`${metric.type} ${metric.key}`}
              type="button"
              className="name-button"
              onClick={() => props.onChoose(mainSeries(metric) ?? metric.key)}
            >
              {metric.key}
            </button>
          ))}
      </p>
    </div>
  )
}
