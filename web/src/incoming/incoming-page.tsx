import { useEffect, useMemo, useState } from 'react'
import type { MetricEntry, RejectionSample, StatusReport } from '../api.ts'
import { IntakeTrace } from '../first-steps/intake-trace.tsx'
import { formatCount, formatNumber } from '../format.ts'
import type { LiveState } from '../live.ts'
import { explainRejection } from '../rejection.tsx'
import type { Route } from '../route.ts'
import { matchesSearch } from '../series-name.ts'
import '../styles/status.css'
import { IncomingLines } from './incoming-lines.tsx'
import { LineRow } from './line-row.tsx'

export interface IncomingPageProps {
  readonly live: LiveState
  readonly status: StatusReport
  readonly metrics: readonly MetricEntry[]
  readonly route: Route
}

/** What comes in now, and apart from it the lines that were refused: what they said, why, and who sent them. */
export function IncomingPage({ live, status, metrics, route }: IncomingPageProps) {
  const [query, setQuery] = useState('')
  const [reason, setReason] = useState('')
  const [held, setHeld] = useState<readonly RejectionSample[] | null>(null)
  useEffect(() => {
    document.title = 'Incoming · Kymo'
  }, [])
  const known = useMemo(() => {
    const { lastRejection, rejections } = live
    return rejections.length > 0 || lastRejection === null ? rejections : [lastRejection]
  }, [live])
  const shown = (held ?? known).filter(
    (one) =>
      (reason === '' || one.reason === reason) &&
      matchesSearch(`${one.line} ${one.sender} ${one.listener}`, query),
  )
  const reasons = Object.entries(status.lines.rejectedByReason).filter(([, count]) => count > 0)
  const packetsPerSecond = live.intake.at(-1)?.packetsPerSecond ?? 0
  return (
    <div className="status">
      <h2 className="visually-hidden">Incoming</h2>
      <section className="status-panel incoming-now" aria-label="Now">
        <p className="incoming-figure">
          {formatNumber(packetsPerSecond, 3)} <span>packets/s</span>
        </p>
        <IntakeTrace samples={live.intake} isAmber={false} />
        <dl className="incoming-counts">
          <div>
            <dt>lines accepted</dt>
            <dd>{formatCount(status.lines.accepted)}</dd>
          </div>
          <div className={status.lines.rejected > 0 ? 'incoming-bad' : ''}>
            <dt>rejected</dt>
            <dd>{formatCount(status.lines.rejected)}</dd>
          </div>
        </dl>
      </section>
      <IncomingLines metrics={metrics} route={route} />
      <section className="status-panel" aria-label="Rejected lines">
        <div className="incoming-tools">
          <h2 className="status-title">Rejected lines</h2>
          <input
            type="search"
            className="search-input incoming-search"
            placeholder="Part of a line or a sender"
            aria-label="Filter rejected lines"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
          <button
            type="button"
            className="button"
            aria-pressed={held !== null}
            onClick={() => setHeld(held === null ? known : null)}
          >
            {held === null ? 'Hold' : 'Go on'}
          </button>
        </div>
        {reasons.length > 0 && (
          <div className="incoming-reasons" role="group" aria-label="Reasons">
            {reasons.map(([name, count]) => (
              <button
                key={name}
                type="button"
                className="prefix"
                aria-pressed={reason === name}
                title={explainRejection(name)}
                onClick={() => setReason(reason === name ? '' : name)}
              >
                {name}
                <span className="prefix-count">{formatCount(count)}</span>
              </button>
            ))}
          </div>
        )}
        {shown.length === 0 ? (
          <p className="no-rejections">
            {status.lines.rejected === 0
              ? 'No line was rejected since the start.'
              : 'None of these since the page was opened.'}
          </p>
        ) : (
          <ol className="tail" tabIndex={0} aria-label="Newest rejected lines">
            {shown.map((one, index) => (
              <LineRow key={`${one.atMs} ${one.line} ${shown.length - index}`} line={one}>
                {explainRejection(one.reason)}
              </LineRow>
            ))}
          </ol>
        )}
        <p className="more-note">A few of them each second are shown; the counts are of all.</p>
      </section>
    </div>
  )
}
