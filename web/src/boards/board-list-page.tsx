import { useEffect, useState } from 'react'
import { problemOf } from '../api.ts'
import { useLive } from '../live-context.ts'
import { Notice } from '../notice.tsx'
import { linkTo, type Navigate, type Route } from '../route.ts'
import { showHidden } from '../series-name.ts'
import '../styles/boards.css'
import { type DashboardListing, fetchBoards } from './board-api.ts'
import { ImportForm } from './import-form.tsx'

/** The dashboards that were saved, and the files that are none. */
export function BoardListPage(props: { readonly route: Route; readonly onNavigate: Navigate }) {
  const { route, onNavigate } = props
  const [listing, setListing] = useState<DashboardListing | null>(null)
  const [isImporting, setImporting] = useState(false)
  const isAway = useLive().connection === 'offline'
  const [problem, setProblem] = useState<string | null>(null)

  useEffect(() => {
    document.title = 'Dashboards · Kymo'
    const controller = new AbortController()
    setProblem(null)
    fetchBoards(controller.signal).then(setListing, (error: unknown) => {
      if (!controller.signal.aborted) setProblem(problemOf(error))
    })
    return () => controller.abort()
    // Once more when Kymo is back.
  }, [isAway])

  if (problem !== null)
    return (
      <Notice tone="bad" title="Dashboards cannot be read">
        {problem}
      </Notice>
    )
  if (listing === null) return <p className="page-hint">Loading …</p>
  return (
    <>
      <div className="dashboard-tools">
        <h2 className="boards-title">Dashboards</h2>
        {!isImporting && (
          <p className="dashboard-save">
            <button type="button" className="text-button" onClick={() => setImporting(true)}>
              Import
            </button>
          </p>
        )}
      </div>
      {isImporting && (
        <ImportForm
          onSaved={(id) => onNavigate({ page: 'boards', prefix: id })}
          onCancel={() => setImporting(false)}
        />
      )}
      {listing.dashboards.length === 0 && (
        <p className="page-hint">
          None is saved yet. Each is a JSON file under <code>dashboards/</code> in the data directory;
          docs/guide/dashboards.md says what is in it, and how those of Grafana and Graphite are brought
          along.
        </p>
      )}
      <ul className="boards-list">
        {listing.dashboards.map(({ id, title, panels }) => (
          <li key={id} className="card">
            <a
              className="card-link"
              href={linkTo(route, { page: 'boards', prefix: id, from: '', until: '' })}
            >
              <bdi>{showHidden(title)}</bdi>
            </a>
            <span className="card-type">
              {panels} {panels === 1 ? 'panel' : 'panels'}
            </span>
          </li>
        ))}
      </ul>
      {listing.damaged.length > 0 && (
        <Notice tone="amber" title="Files that are no dashboards">
          <ul className="boards-damaged">
            {listing.damaged.map(({ file, problem: why }) => (
              <li key={file}>
                <code>
                  <bdi>{showHidden(file)}</bdi>
                </code>
                : {showHidden(why)}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {listing.unread > 0 && <p className="more-note">{listing.unread} more files were not read.</p>}
    </>
  )
}
