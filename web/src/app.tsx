import { Suspense, useEffect, useSyncExternalStore } from 'react'
import { CardGrid } from './cards/card-grid.tsx'
import { WaitingCard } from './cards/waiting-card.tsx'
import { FirstSteps } from './first-steps/first-steps.tsx'
import { Header } from './header/header.tsx'
import { Finder } from './keys/finder.tsx'
import { KeyHelp } from './keys/key-help.tsx'
import { lazyPart } from './lazy-part.ts'
import { LiveContext } from './live-context.ts'
import type { LiveFeed } from './live.ts'
import { Notice } from './notice.tsx'
import { TrayNotice, WithNoticeTray } from './notice-tray.tsx'
import { type PageState, pageStateOf } from './page-state.ts'
import { useQuery } from './page-url.ts'
import { useRoute } from './route.ts'
import { StoreNotice } from './store/store-notice.tsx'
import { UnknownPage } from './unknown-page.tsx'
import { TimesContext } from './time/times.ts'
import { useZone } from './time/use-zone.ts'
import { useMetrics } from './use-metrics.ts'

const ExplorePage = lazyPart(async () => (await import('./explore/explore-page.tsx')).ExplorePage)
const DashboardPage = lazyPart(async () => (await import('./dashboard/dashboard-page.tsx')).DashboardPage)
const BoardListPage = lazyPart(async () => (await import('./boards/board-list-page.tsx')).BoardListPage)
const BoardPage = lazyPart(async () => (await import('./boards/board-page.tsx')).BoardPage)
const IncomingPage = lazyPart(async () => (await import('./incoming/incoming-page.tsx')).IncomingPage)
const SizePage = lazyPart(async () => (await import('./size/size-page.tsx')).SizePage)
const StatusPage = lazyPart(async () => (await import('./status/status-page.tsx')).StatusPage)

const SEARCHES: Partial<Record<PageState, 'kept' | 'there'>> = {
  connecting: 'kept',
  waiting: 'kept',
  metrics: 'there',
}
/** They have nothing to show before Kymo has said how it is. */
const WITH_STATUS: ReadonlySet<string> = new Set(['home', 'incoming', 'size', 'status'])

export function App({ feed }: { readonly feed: LiveFeed }) {
  const live = useSyncExternalStore(feed.subscribe, feed.getState)
  const metrics = useMetrics(live)
  const [query, search] = useQuery()
  const [route, navigate] = useRoute()
  const state = pageStateOf(live, metrics)
  const isHome = route.page === 'home'
  const { status } = live
  const times = useZone(route.zone, status?.timeZone ?? 'UTC', navigate)

  useEffect(() => {
    if (isHome) document.title = state === 'empty' || state === 'unreadable' ? 'Kymo · listening' : 'Kymo'
  }, [isHome, state])

  return (
    <LiveContext value={live}>
      <TimesContext value={times}>
        <WithNoticeTray>
          <Header
            live={live}
            route={route}
            query={query}
            onSearch={search}
            search={isHome ? (SEARCHES[state] ?? 'none') : 'none'}
          />
          <main className="page">
            {status !== null && live.connection === 'offline' && (
              <TrayNotice tone="bad" title="Kymo does not answer">
                What you see is the last it said. The page goes on by itself when Kymo is back.
              </TrayNotice>
            )}
            {status !== null && <StoreNotice status={status} />}
            {state === 'connecting' && WITH_STATUS.has(route.page) && (
              <p className="page-hint">Asking Kymo how it is …</p>
            )}
            {state === 'unreachable' && (
              <Notice tone="bad" title="Kymo does not answer">
                This page is here, but the program behind it is not. It will go on by itself when Kymo is
                back.
              </Notice>
            )}
            {isHome && status !== null && (state === 'empty' || state === 'unreadable') && (
              <FirstSteps live={live} status={status} isUnreadable={state === 'unreadable'} />
            )}
            {isHome && status !== null && state === 'waiting' && <WaitingCard live={live} status={status} />}
            {isHome && status !== null && state === 'passing-on' && (
              <Notice tone="calm" title="Metrics arrive and are passed on">
                This Kymo was started with --no-store: it keeps nothing, so there is nothing to draw. What its
                sinks have sent is in the status.
              </Notice>
            )}
            {isHome && status !== null && state === 'metrics' && (
              <CardGrid
                live={live}
                status={status}
                metrics={metrics}
                query={query}
                onSearch={search}
                route={route}
                onNavigate={navigate}
              />
            )}
            {route.page === 'unknown' && <UnknownPage route={route} />}
            <Suspense fallback={status !== null && <p className="page-hint">Loading …</p>}>
              {route.page === 'explore' && (
                <ExplorePage live={live} metrics={metrics} route={route} onNavigate={navigate} />
              )}
              {route.page === 'dashboard' && (
                <DashboardPage
                  key={route.prefix}
                  live={live}
                  metrics={metrics}
                  route={route}
                  onNavigate={navigate}
                />
              )}
              {route.page === 'boards' && route.prefix === '' && (
                <BoardListPage route={route} onNavigate={navigate} />
              )}
              {route.page === 'boards' && route.prefix !== '' && (
                <BoardPage
                  key={route.prefix}
                  live={live}
                  metrics={metrics}
                  route={route}
                  onNavigate={navigate}
                />
              )}
              {status !== null && route.page === 'incoming' && (
                <IncomingPage live={live} status={status} metrics={metrics} route={route} />
              )}
              {status !== null && route.page === 'size' && <SizePage route={route} nowMs={status.nowMs} />}
              {status !== null && route.page === 'status' && <StatusPage live={live} status={status} />}
            </Suspense>
          </main>
          <Finder metrics={metrics} metricCount={status?.metricCount ?? 0} route={route} />
          <KeyHelp />
        </WithNoticeTray>
      </TimesContext>
    </LiveContext>
  )
}
