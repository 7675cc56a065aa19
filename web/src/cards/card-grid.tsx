import { useDeferredValue, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { fetchRender, type MetricEntry, metricId, type StatusReport } from '../api.ts'
import { planChart, seriesOf } from '../charts/chart-plan.ts'
import { formatCount } from '../format.ts'
import type { LiveState } from '../live.ts'
import { Notice } from '../notice.tsx'
import { OverLimitNotice } from '../over-limit/over-limit-notice.tsx'
import type { View } from '../page-url.ts'
import { MissingHints } from '../explore/missing-hints.tsx'
import type { Route } from '../route.ts'
import { SeriesLoader } from '../series-loader.ts'
import { matchesSearch } from '../series-name.ts'
import { useTheme } from '../theme.ts'
import { PrefixLinks } from '../dashboard/prefix-links.tsx'
import { useFoundMetrics } from '../use-found-metrics.ts'
import { useTimeWindow } from '../use-time-window.ts'
import { useVisible } from '../use-visible.ts'
import { SendMore } from '../first-steps/send-more.tsx'
import { MetricCard } from './metric-card.tsx'
import { selectMetrics } from './select-metrics.ts'
import { ServiceCard, serviceId } from './service-card.tsx'
import { servicesOf } from './services.ts'
import '../styles/services.css'

export interface CardGridProps {
  readonly live: LiveState
  readonly status: StatusReport
  readonly metrics: readonly MetricEntry[]
  readonly view: View
  readonly route: Route
  readonly onChange: (change: Partial<View>) => void
}

const PAGE_CARDS = 60
const SERVICE_CARDS = 24

/** Fewer metrics are seen at a glance, without services. */
const HANDFUL = 6

/** A card for each metric, newest first. Only what is on the screen is fetched and drawn. */
export function CardGrid({ live, status, metrics: newest, view, route, onChange }: CardGridProps) {
  const query = useDeferredValue(view.query)
  const metrics = useFoundMetrics(newest, status.metricCount, query.trim())
  const [limit, setLimit] = useState(PAGE_CARDS)
  const [showsOwn, setShowsOwn] = useState(false)
  const theme = useTheme()
  const window = useTimeWindow(live, newest, view.range)
  const { visible, watch } = useVisible()
  const [loader] = useState(() => new SeriesLoader(fetchRender))
  const loaded = useSyncExternalStore(loader.subscribe, loader.getState)

  const selection = useMemo(() => selectMetrics(metrics, query, showsOwn), [metrics, query, showsOwn])
  const cards = useMemo(
    () => selection.shown.slice(0, limit).map((metric) => ({ metric, plan: planChart(metric) })),
    [selection, limit],
  )
  const services = useMemo(
    () =>
      query === '' && selection.shown.length >= HANDFUL ? servicesOf(metrics).slice(0, SERVICE_CARDS) : [],
    [metrics, query, selection],
  )

  useEffect(() => {
    const pulses = services.filter((service) => visible.has(serviceId(service)))
    const wanted = cards.flatMap(({ metric, plan }) => (visible.has(metricId(metric)) ? seriesOf(plan) : []))
    const ofServices = pulses.flatMap(({ pulse }) => seriesOf(planChart(pulse)))
    loader.want([...new Set([...ofServices, ...wanted])], window)
  }, [loader, cards, services, visible, window])
  useEffect(() => () => loader.close(), [loader])

  return (
    <>
      {loaded.problem !== null && live.connection !== 'offline' && (
        <Notice tone="amber" title="Some points could not be read">
          {loaded.problem}
        </Notice>
      )}
      {live.connection === 'offline' && (
        <Notice tone="bad" title="Kymo does not answer">
          What you see is the last it said. The page goes on by itself when Kymo is back.
        </Notice>
      )}
      <OverLimitNotice status={status} />
      <h2 className="visually-hidden">Metrics</h2>
      {query === '' && services.length === 0 && <PrefixLinks metrics={metrics} prefix="" route={route} />}
      {services.length > 0 && (
        <nav className="services" aria-label="Services">
          {services.map((service) => (
            <ServiceCard
              key={service.prefix}
              service={service}
              loaded={loaded}
              window={window}
              theme={theme}
              watch={watch}
            />
          ))}
        </nav>
      )}
      <div className={cards.length === 1 ? 'cards cards-one' : 'cards'}>
        {cards.map(({ metric, plan }) => (
          <MetricCard
            key={metricId(metric)}
            metric={metric}
            plan={plan}
            loaded={loaded}
            window={window}
            theme={theme}
            watch={watch}
            isLive
          />
        ))}
      </div>
      {cards.length === 0 && (
        <div className="page-hint">
          <p>
            No metric has “{query}” in its name or tags.{' '}
            <button type="button" className="text-button" onClick={() => onChange({ query: '' })}>
              Show all
            </button>
          </p>
          <MissingHints
            isMissing={(name) => name !== '' && matchesSearch(name, query.trim())}
            route={route}
          />
        </div>
      )}
      <div className="more">
        {selection.shown.length > cards.length && (
          <button type="button" className="button" onClick={() => setLimit(limit + PAGE_CARDS)}>
            Show more of {formatCount(selection.shown.length)}
          </button>
        )}
        {query === '' && status.metricCount > metrics.length && (
          <p className="more-note">
            These are the newest {formatCount(metrics.length)} of {formatCount(status.metricCount)} metrics.
          </p>
        )}
        {selection.ownCount > 0 && (
          <button type="button" className="text-button" onClick={() => setShowsOwn(!showsOwn)}>
            {showsOwn ? 'Hide' : 'Show'} Kymo’s own {selection.ownCount} metrics
          </button>
        )}
      </div>
      <SendMore status={status} />
    </>
  )
}
