import { Suspense, useEffect, useMemo, useState } from 'react'
import { type MetricEntry, problemOf } from '../api.ts'
import { lazyPart } from '../lazy-part.ts'
import type { LiveState } from '../live.ts'
import { Notice } from '../notice.tsx'
import { linkTo, type Navigate, type Route } from '../route.ts'
import { showHidden } from '../series-name.ts'
import { useTheme } from '../theme.ts'
import { EventList } from '../time/event-list.tsx'
import { TimeBar } from '../time/time-bar.tsx'
import { useEvents } from '../time/use-events.ts'
import { useSpan } from '../time/use-span.ts'
import { useTimeKeys } from '../time/use-time-keys.ts'
import { useZoom } from '../time/use-zoom.ts'
import '../styles/time.css'
import '../styles/explore.css'
import '../styles/dashboard.css'
import '../styles/boards.css'
import { fetchBoard, type StoredDashboard } from './board-api.ts'
import { writeDraft } from './board-draft.ts'
import { BoardPanel } from './board-panel.tsx'
import { DeleteButton } from './delete-button.tsx'
import { SnapshotButton } from './snapshot-button.tsx'
import { VariablePickers } from './variable-picker.tsx'
import { valuesOf } from './board-variables.ts'

const BoardEditor = lazyPart(async () => (await import('./board-editor.tsx')).BoardEditor)

export interface BoardPageProps {
  readonly live: LiveState
  readonly metrics: readonly MetricEntry[]
  /** `prefix` is the id of the dashboard. */
  readonly route: Route
  readonly onNavigate: Navigate
}

/** A dashboard that was saved, as its file has it. */
export function BoardPage({ live, metrics, route, onNavigate }: BoardPageProps) {
  const [stored, setStored] = useState<StoredDashboard | null>(null)
  const board = stored?.dashboard ?? null
  const [problem, setProblem] = useState<string | null>(null)
  const [isHeld, setHeld] = useState(false)
  const isAway = live.connection === 'offline'
  const theme = useTheme()
  const isOwnTime = route.from === '' && route.until === ''
  const time = isOwnTime && board !== null ? { ...route, from: board.from, until: board.until } : route
  const span = useSpan(time, live, metrics, isHeld)
  useTimeKeys(span, onNavigate)
  const events = useEvents(span)
  const flushSeconds = (live.status?.flushIntervalMs ?? 0) / 1000

  useEffect(() => {
    if (stored !== null) return
    const controller = new AbortController()
    setProblem(null)
    fetchBoard(route.prefix, controller.signal).then(setStored, (error: unknown) => {
      if (!controller.signal.aborted) setProblem(problemOf(error))
    })
    return () => controller.abort()
    // Once more when Kymo is back.
  }, [route.prefix, stored, isAway])
  useEffect(() => {
    if (board !== null) document.title = `${showHidden(board.title)} · Kymo`
  }, [board])
  const { onZoom, onZoomOut } = useZoom(span, onNavigate)

  const chosen = route.values.join('\n')
  const values = useMemo(
    () => (board === null ? new Map<string, string>() : valuesOf(board, route.values)),
    // biome-ignore lint/correctness/useExhaustiveDependencies: the values are new with every drawing.
    [board, chosen],
  )

  if (problem !== null)
    return (
      <Notice tone="bad" title="This dashboard cannot be shown">
        {showHidden(problem)} <a href={linkTo(route, { page: 'boards' })}>All dashboards</a>
      </Notice>
    )
  if (stored === null || board === null) return <p className="page-hint">Loading …</p>
  const choose = (name: string, value: string) =>
    onNavigate({
      values: [...route.values.filter((text) => !text.startsWith(`${name}=`)), `${name}=${value}`],
    })
  const shown = { span, route, theme, events, metrics, flushSeconds, onTime: onNavigate, onZoom, onZoomOut }
  return (
    <>
      <div className="dashboard-head">
        <nav className="breadcrumb" aria-label="Dashboard">
          <a href={linkTo(route, { page: 'boards', from: '', until: '' })}>Dashboards</a>
          <span className="breadcrumb-sign" aria-hidden="true">
            ›
          </span>
          <a aria-current="page" href={linkTo(route, { page: 'boards', prefix: route.prefix })}>
            <bdi>{showHidden(board.title)}</bdi>
          </a>
        </nav>
        <TimeBar time={time} span={span} isHeld={isHeld} onChange={onNavigate} />
      </div>
      {board.description !== '' && <p className="lead">{showHidden(board.description)}</p>}
      <div className="dashboard-tools">
        {route.draft === '' && (
          <VariablePickers variables={board.variables} values={values} onChoose={choose} />
        )}
        {route.draft === '' && (
          <p className="dashboard-save">
            <button
              type="button"
              className="text-button"
              onClick={() => onNavigate({ draft: writeDraft(stored) })}
            >
              Change
            </button>{' '}
            <SnapshotButton stored={stored} values={values} span={span} />{' '}
            <DeleteButton
              stored={stored}
              onDeleted={() =>
                onNavigate({ prefix: '', values: [], from: '', until: '', draft: '' }, 'replace')
              }
            />
          </p>
        )}
      </div>
      <h2 className="visually-hidden">Panels</h2>
      {route.draft === '' && board.panels.length === 0 && (
        <p className="page-hint">
          It has no panels yet.{' '}
          <button
            type="button"
            className="text-button"
            onClick={() => onNavigate({ draft: writeDraft(stored) })}
          >
            Add the first
          </button>
        </p>
      )}
      {route.draft !== '' ? (
        <Suspense fallback={<p className="page-hint">Loading …</p>}>
          <BoardEditor
            {...shown}
            onChoose={choose}
            onSaved={(saved) => {
              setStored(saved)
              onNavigate({ draft: '' }, 'replace')
            }}
          />
        </Suspense>
      ) : (
        <div className="board" onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
          {board.panels.map((panel, index) => (
            <BoardPanel
              // biome-ignore lint/suspicious/noArrayIndexKey: a panel is where it stands.
              key={index}
              panel={panel}
              values={values}
              {...shown}
            />
          ))}
        </div>
      )}
      <EventList events={events} />
    </>
  )
}
