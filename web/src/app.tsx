import { useEffect, useSyncExternalStore } from 'react'
import { CardGrid } from './cards/card-grid.tsx'
import { WaitingCard } from './cards/waiting-card.tsx'
import { FirstSteps } from './first-steps/first-steps.tsx'
import { Header } from './header/header.tsx'
import type { LiveFeed } from './live.ts'
import { Notice } from './notice.tsx'
import { pageStateOf } from './page-state.ts'
import { useView } from './page-url.ts'
import { StoreNotice } from './store/store-notice.tsx'
import { useMetrics } from './use-metrics.ts'

export function App({ feed }: { readonly feed: LiveFeed }) {
  const live = useSyncExternalStore(feed.subscribe, feed.getState)
  const metrics = useMetrics(live)
  const [view, changeView] = useView()
  const state = pageStateOf(live, metrics)
  const { status } = live

  useEffect(() => {
    document.title = state === 'empty' || state === 'unreadable' ? 'Kymo · listening' : 'Kymo'
  }, [state])

  return (
    <>
      <Header live={live} view={view} onChange={changeView} hasMetrics={state === 'metrics'} />
      <main className="page">
        {status !== null && <StoreNotice status={status} />}
        {state === 'connecting' && <p className="page-hint">Asking Kymo how it is …</p>}
        {state === 'unreachable' && (
          <Notice tone="bad" title="Kymo does not answer">
            This page is here, but the program behind it is not. It will go on by itself when Kymo is back.
          </Notice>
        )}
        {status !== null && (state === 'empty' || state === 'unreadable') && (
          <FirstSteps live={live} status={status} isUnreadable={state === 'unreadable'} />
        )}
        {status !== null && state === 'waiting' && <WaitingCard live={live} status={status} />}
        {status !== null && state === 'passing-on' && (
          <Notice tone="calm" title="Metrics arrive and are passed on">
            This Kymo was started with --no-store: it keeps nothing, so there is nothing to draw. What its
            sinks have sent is in the status.
          </Notice>
        )}
        {status !== null && state === 'metrics' && (
          <CardGrid live={live} status={status} metrics={metrics} view={view} onChange={changeView} />
        )}
      </main>
    </>
  )
}
