import { Fragment, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { fetchRender, type MetricEntry, metricId } from '../api.ts'
import { MetricCard } from '../cards/metric-card.tsx'
import { neededSeries } from '../charts/chart-data.ts'
import { planChart } from '../charts/chart-plan.ts'
import { SaveForm } from '../boards/save-form.tsx'
import { MissingHints } from '../explore/missing-hints.tsx'
import type { LiveState } from '../live.ts'
import { linkTo, type Navigate, type Route } from '../route.ts'
import { SeriesLoader } from '../series-loader.ts'
import { showHidden } from '../series-name.ts'
import { useTheme } from '../theme.ts'
import { EventList } from '../time/event-list.tsx'
import { TimeBar } from '../time/time-bar.tsx'
import { useEvents } from '../time/use-events.ts'
import { useSpan } from '../time/use-span.ts'
import { useTimeKeys } from '../time/use-time-keys.ts'
import { useZoom } from '../time/use-zoom.ts'
import { windowOf } from '../time-range.ts'
import { useFoundMetrics } from '../use-found-metrics.ts'
import { useVisible } from '../use-visible.ts'
import '../styles/time.css'
import '../styles/explore.css'
import '../styles/dashboard.css'
import { boardOfPrefix } from './board-of-prefix.ts'
import { layOutDashboard } from './layout.ts'
import { OverlayCard } from './overlay-card.tsx'
import { PrefixLinks } from './prefix-links.tsx'
import { isOfTags, searchOf, tagsOf, titleOf, titleOfTag } from './prefixes.ts'

export interface DashboardPageProps {
  readonly live: LiveState
  readonly metrics: readonly MetricEntry[]
  readonly route: Route
  readonly onNavigate: Navigate
}

const CARDS_OF_TYPE = 60

/** The dashboard that follows from the metrics below a prefix. Nobody has to draw it. */
export function DashboardPage({ live, metrics: newest, route, onNavigate }: DashboardPageProps) {
  const metricCount = live.status?.metricCount ?? 0
  const flushSeconds = (live.status?.flushIntervalMs ?? 0) / 1000
  const { metrics, isSearching } = useFoundMetrics(newest, metricCount, searchOf(route.prefix))
  const [isHeld, setHeld] = useState(false)
  const [isSaving, setSaving] = useState(false)
  const theme = useTheme()
  const span = useSpan(route, live, newest, isHeld)
  useTimeKeys(span, onNavigate)
  const events = useEvents(span)
  const { visible, watch } = useVisible()
  const [loader] = useState(() => new SeriesLoader(fetchRender))
  const loaded = useSyncExternalStore(loader.subscribe, loader.getState)
  const window = useMemo(() => windowOf(span), [span])
  const sections = useMemo(
    () =>
      layOutDashboard(metrics, route.prefix).map((section) => ({
        ...section,
        cards: section.metrics.slice(0, CARDS_OF_TYPE).map((metric) => ({ metric, plan: planChart(metric) })),
      })),
    [metrics, route.prefix],
  )

  useEffect(() => {
    document.title = `${showHidden(titleOf(route.prefix))} · Kymo`
  }, [route.prefix])
  useEffect(() => {
    const cards = sections.flatMap((section) => section.cards)
    const wanted = cards.flatMap(({ metric, plan }) =>
      visible.has(metricId(metric)) ? neededSeries(plan, loaded.series, flushSeconds) : [],
    )
    loader.want(wanted, window)
  }, [loader, sections, visible, window, loaded.series, flushSeconds])
  useEffect(() => () => loader.close(), [loader])
  const { onZoom, onZoomOut } = useZoom(span, onNavigate)
  const hiddenCount = sections.reduce((sum, { metrics: all, cards }) => sum + all.length - cards.length, 0)

  return (
    <>
      <div className="dashboard-head">
        <Breadcrumb route={route} />
        <TimeBar time={route} span={span} isHeld={isHeld} onChange={onNavigate} />
      </div>
      {isSaving && (
        <SaveForm
          dashboard={{ ...boardOfPrefix(metrics, route.prefix), from: route.from, until: route.until }}
          onSaved={(id) => onNavigate({ page: 'boards', prefix: id, from: '', until: '' })}
          onCancel={() => setSaving(false)}
        />
      )}
      <div className="dashboard-tools">
        <PrefixLinks metrics={metrics} prefix={route.prefix} route={route} />
        {sections.length > 0 && !isSaving && (
          <p className="dashboard-save">
            <button type="button" className="text-button" onClick={() => setSaving(true)}>
              Save as dashboard
            </button>
          </p>
        )}
      </div>
      {sections.length === 0 && isSearching && <p className="page-hint">Looking through all metrics …</p>}
      {sections.length === 0 && !isSearching && newest.length > 0 && (
        <div className="page-hint">
          <p>
            No metric was ever seen below “{showHidden(titleOf(route.prefix))}”.{' '}
            <a href={linkTo(route, { page: 'home' })}>All metrics</a>
          </p>
          <MissingHints isMissing={(name) => `${name}.`.startsWith(`${route.prefix}.`)} route={route} />
        </div>
      )}
      <h2 className="visually-hidden">Metrics</h2>
      <div className="cards" onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
        {sections.map(({ type, overlays, cards }) => (
          <Fragment key={type}>
            {overlays.map((overlay) => (
              <OverlayCard
                key={overlay.title}
                overlay={overlay}
                span={span}
                route={route}
                theme={theme}
                events={events}
                onZoom={onZoom}
                onZoomOut={onZoomOut}
              />
            ))}
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
          </Fragment>
        ))}
      </div>
      <EventList events={events} />
      {hiddenCount > 0 && (
        <p className="more-note">{hiddenCount} more are in the dashboards one node further down.</p>
      )}
    </>
  )
}

function Breadcrumb({ route }: { readonly route: Route }) {
  const parts = partsOf(route.prefix)
  return (
    <nav className="breadcrumb" aria-label="Prefix">
      <a href={linkTo(route, { page: 'home' })}>Metrics</a>
      {parts.map(({ label, prefix }, index) => (
        <span key={prefix}>
          <span className="breadcrumb-sign" aria-hidden="true">
            ›
          </span>
          <a
            href={linkTo(route, { page: 'dashboard', prefix })}
            {...(index === parts.length - 1 && { 'aria-current': 'page' as const })}
          >
            <bdi>{showHidden(label)}</bdi>
          </a>
        </span>
      ))}
    </nav>
  )
}

/** Each node, or tag, with the prefix that ends with it. */
function partsOf(prefix: string): { label: string; prefix: string }[] {
  if (isOfTags(prefix)) {
    const tags = tagsOf(prefix)
    return tags.map((tag, index) => ({
      label: titleOfTag(tag),
      prefix: `;${tags.slice(0, index + 1).join(';')}`,
    }))
  }
  const nodes = prefix.split('.')
  return nodes.map((node, index) => ({ label: node, prefix: nodes.slice(0, index + 1).join('.') }))
}
