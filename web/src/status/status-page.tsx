import { type ReactNode, useEffect } from 'react'
import { groupAddresses, joinHostPort } from '../addresses.ts'
import type { StatusReport } from '../api.ts'
import { formatAge, formatCount, formatNumber, formatSpan, formatWithUnit } from '../format.ts'
import type { LiveState } from '../live.ts'
import { Notice } from '../notice.tsx'
import { OffenderList } from '../over-limit/offender-list.tsx'
import { showHidden } from '../series-name.ts'
import { useTimes } from '../time/times.ts'
import { useNow } from '../use-now.ts'
import '../styles/status.css'
import { ShareBar } from './share-bar.tsx'
import { sharesOf } from './shares.ts'
import { SinkTable } from './sink-table.tsx'

export interface StatusPageProps {
  readonly live: LiveState
  readonly status: StatusReport
}

const OFFENDERS = 10

/** What Kymo says of itself: what it took in and lost, when it flushes, what it keeps and passes on. */
export function StatusPage({ live, status }: StatusPageProps) {
  const times = useTimes()
  const nowMs = useNow(1000) + live.clockOffsetMs
  useEffect(() => {
    document.title = 'Status · Kymo'
  }, [])
  const { lines, packets, store, limits, configuration } = status
  return (
    <div className="status">
      <h2 className="visually-hidden">Status</h2>
      {status.lastError !== null && (
        <Notice tone="amber" title="The last error">
          <code>{status.lastError.code}</code>: what it means and what to do is in docs/reference/errors.md,
          and the log has it in full.
        </Notice>
      )}
      <div className="status-grid">
        <Panel title="What came in" width="all">
          <div className="shares-pair">
            <ShareBar
              title="Lines received"
              shares={sharesOf([
                { name: 'accepted', count: lines.accepted },
                ...Object.entries(lines.rejectedByReason)
                  .filter(([, count]) => count > 0)
                  .toSorted(([, a], [, b]) => b - a)
                  .map(([reason, count]) => ({ name: `rejected: ${reason}`, count })),
              ])}
            />
            <ShareBar
              title="Packets sent here"
              shares={sharesOf([
                { name: 'read', count: packets.received },
                { name: 'dropped by the kernel', count: packets.droppedByKernel },
              ])}
            />
          </div>
        </Panel>
        <Panel title="Flushes">
          <Facts
            facts={[
              ['Every', formatSpan(status.flushIntervalMs / 1000)],
              [
                'Last',
                status.lastFlushMs === 0
                  ? 'none yet'
                  : `${formatAge((nowMs - status.lastFlushMs) / 1000)} ago`,
              ],
              ['Next', `in ${formatAge((status.nextFlushMs - nowMs) / 1000)}`],
              ['Metrics', formatCount(status.metricCount)],
              ['Series', formatCount(status.seriesCount)],
              ['Refused by limits', formatCount(limits.refused)],
            ]}
          />
        </Panel>
        <Panel title="Store">
          {store.isEnabled ? (
            <Facts
              facts={[
                ['Points', formatCount(store.points)],
                ['On disk', formatWithUnit(store.bytes, 'bytes')],
                [
                  'Bytes for each point',
                  store.points === 0 ? '–' : formatNumber(store.bytes / store.points, 3),
                ],
                ['Waiting in memory', formatCount(store.waitingPoints)],
                ['In', store.path ?? '–'],
                ['Takes points', store.problem === null ? 'yes' : showHidden(store.problem.message)],
              ]}
            />
          ) : (
            <p className="status-none">This Kymo keeps nothing: it was started with --no-store.</p>
          )}
        </Panel>
        <Panel title="Listening">
          <Facts
            facts={groupAddresses(status.addresses).map((group) => [
              `${group.service} (${group.transports.join(', ')})`,
              group.hosts.map((host) => joinHostPort(host, group.port)).join(' '),
            ])}
          />
        </Panel>
        <Panel title="This Kymo">
          <Facts
            facts={[
              ['Version', status.version],
              ['Running for', formatAge((nowMs - status.startedAtMs) / 1000)],
              ['Process', String(status.pid)],
              ['Node', status.nodeVersion],
              ['Datagrams by', status.receiver ?? '–'],
              ['Configuration read', times.moment(configuration.readAtMs / 1000)],
              [
                'Changes with the next start',
                configuration.needRestart.length === 0 ? 'nothing' : configuration.needRestart.join(', '),
              ],
            ]}
          />
        </Panel>
        <Panel title="Sinks" width={status.sinks.length === 0 ? 'one' : 'two'}>
          <SinkTable sinks={status.sinks} nowMs={nowMs} />
        </Panel>
        {limits.offenders.length > 0 && (
          <Panel title="Refused by limits">
            <OffenderList offenders={limits.offenders} limit={OFFENDERS} />
          </Panel>
        )}
      </div>
      <p className="more-note">
        The same as JSON: <a href="/api/status">/api/status</a>. For Prometheus:{' '}
        <a href="/metrics">/metrics</a>. Every route: <a href="/api/openapi.json">/api/openapi.json</a>.
      </p>
    </div>
  )
}

interface PanelProps {
  readonly title: string
  /** In columns. */
  readonly width?: 'one' | 'two' | 'all'
  readonly children: ReactNode
}

function Panel({ title, width = 'one', children }: PanelProps) {
  return (
    <section className={`status-panel status-${width}`}>
      <h2 className="status-title">{title}</h2>
      {children}
    </section>
  )
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
