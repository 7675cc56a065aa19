import { useDeferredValue, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { fetchRender, type MetricEntry, metricId, type ServiceEntry, type StatusReport } from '../api.ts'
import { neededSeries } from '../charts/chart-data.ts'
import { planChart, seriesOf } from '../charts/chart-plan.ts'
import { formatCount } from '../format.ts'
import type { LiveState } from '../live.ts'
import { TrayNotice } from '../notice-tray.tsx'
import { OverLimitNotice } from '../over-limit/over-limit-notice.tsx'
import { MissingHints } from '../explore/missing-hints.tsx'
import type { Navigate, Route } from '../route.ts'
import { SeriesLoader } from '../series-loader.ts'
import { matchesSearch } from '../series-name.ts'
import { useTheme } from '../theme.ts'
import { PrefixLinks } from '../dashboard/prefix-links.tsx'
import { useFoundMetrics } from '../use-found-metrics.ts'
import { windowOf } from '../time-range.ts'
import { EventList } from '../time/event-list.tsx'
import { TimeBar } from '../time/time-bar.tsx'
import { useEvents } from '../time/use-events.ts'
import { useSpan } from '../time/use-span.ts'
import { useTimeKeys } from '../time/use-time-keys.ts'
import { useZoom } from '../time/use-zoom.ts'
import { useVisible } from '../use-visible.ts'
import { SendMore } from '../first-steps/send-more.tsx'
import { MetricCard } from './metric-card.tsx'
import { selectMetrics } from './select-metrics.ts'
import { ServiceCard, serviceId } from './service-card.tsx'
import { useServices } from './use-services.ts'
import '../styles/services.css'
import '../styles/time.css'

export interface CardGridProps {
  readonly live: LiveState
  readonly status: StatusReport
  readonly metrics: readonly MetricEntry[]
  readonly query: string
  readonly onSearch: (query: string) => void
  readonly route: Route
  readonly onNavigate: Navigate
}

const PAGE_CARDS = 60
const SERVICE_CARDS = 24
const MORE_SERVICES = 8
/** As many as Kymo lists. */
const MOST_SERVICE_CARDS = 2_000
const NO_SERVICES: readonly ServiceEntry[] = []

/** Fewer metrics are seen at a glance, without services. */
const HANDFUL = 6

/** A card for each metric, newest first. Only what is on the screen is fetched and drawn. */
export function CardGrid(props: CardGridProps) {
  const { live, status, metrics: newest, route, onSearch, onNavigate } = props
  const query = useDeferredValue(props.query)
  const { metrics, isSearching } = useFoundMetrics(newest, status.metricCount, query.trim())
  const [limit, setLimit] = useState(PAGE_CARDS)
  const [showsOwn, setShowsOwn] = useState(false)
  const theme = useTheme()
  const [isHeld, setHeld] = useState(false)
  const span = useSpan(route, live, newest, isHeld)
  const window = useMemo(() => windowOf(span), [span])
  useTimeKeys(span, onNavigate)
  const events = useEvents(span)
  const { onZoom } = useZoom(span, onNavigate)
  const { visible, watch } = useVisible()
  const [loader] = useState(() => new SeriesLoader(fetchRender))
  const loaded = useSyncExternalStore(loader.subscribe, loader.getState)
  const flushSeconds = status.flushIntervalMs / 1000

  const selection = useMemo(() => selectMetrics(metrics, query, showsOwn), [metrics, query, showsOwn])
  const cards = useMemo(
    () => selection.shown.slice(0, limit).map((metric) => ({ metric, plan: planChart(metric) })),
    [selection, limit],
  )
  const [serviceLimit, setServiceLimit] = useState(SERVICE_CARDS)
  const known = useServices(live, serviceLimit)
  const hasServices = query === '' && selection.shown.length >= HANDFUL
  const services = hasServices ? (known?.services ?? NO_SERVICES) : NO_SERVICES
  // What stands above the cards is there before they are seen, or they would move.
  const isKept = hasServices && known === undefined

  useEffect(() => {
    const pulses = services.filter((service) => visible.has(serviceId(service)))
    const wanted = cards.flatMap(({ metric, plan }) =>
      visible.has(metricId(metric)) ? neededSeries(plan, loaded.series, flushSeconds) : [],
    )
    const ofServices = pulses.flatMap(({ pulse }) => seriesOf(planChart(pulse)))
    loader.want([...new Set([...ofServices, ...wanted])], window)
  }, [loader, cards, services, visible, window, loaded.series, flushSeconds])
  useEffect(() => () => loader.close(), [loader])

  return (
    <>
      <div className="home-time">
        <TimeBar time={route} span={span} isHeld={isHeld} onChange={onNavigate} />
      </div>
      {loaded.problem !== null && live.connection !== 'offline' && (
        <TrayNotice tone="amber" title="Some points could not be read">
          {loaded.problem}
        </TrayNotice>
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
              route={route}
              loaded={loaded}
              window={window}
              theme={theme}
              watch={watch}
            />
          ))}
        </nav>
      )}
      {known !== undefined && services.length > 0 && known.count > services.length && (
        <p className="more-note">
          These are the newest {formatCount(services.length)} of {formatCount(known.count)} services; search
          finds all.{' '}
          {serviceLimit < MOST_SERVICE_CARDS && (
            <button
              type="button"
              className="text-button"
              onClick={() => setServiceLimit(Math.min(MOST_SERVICE_CARDS, serviceLimit * MORE_SERVICES))}
            >
              Show more
            </button>
          )}
        </p>
      )}
      <div
        className={`cards${cards.length === 1 ? ' cards-one' : ''}${isKept ? ' cards-kept' : ''}`}
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
      >
        {cards.map(({ metric, plan }) => (
          <MetricCard
            key={metricId(metric)}
            metric={metric}
            plan={plan}
            loaded={loaded}
            window={window}
            theme={theme}
            watch={watch}
            route={route}
            isLive={span.isLive}
            events={events}
            onZoom={onZoom}
          />
        ))}
      </div>
      <EventList events={events} />
      {cards.length === 0 && isSearching && <p className="page-hint">Looking through all metrics …</p>}
      {cards.length === 0 && !isSearching && (
        <div className="page-hint">
          <p>
            No metric has “{query}” in its name or tags.{' '}
            <button type="button" className="text-button" onClick={() => onSearch('')}>
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
