import { Fragment } from 'react'
import type { StatusReport } from '../api.ts'
import { formatCount, formatNumber, formatAge, formatWithUnit } from '../format.ts'
import { showHidden } from '../series-name.ts'

type SinkStatus = StatusReport['sinks'][number]

/** Where flushes go, and how that went. */
export function SinkTable(props: { readonly sinks: StatusReport['sinks']; readonly nowMs: number }) {
  if (props.sinks.length === 0) return <p className="status-none">Nothing is passed on.</p>
  return (
    <div className="sinks-frame" tabIndex={0} role="region" aria-label="Sinks and how they deliver">
      <table className="sinks">
        <thead>
          <tr>
            <th scope="col">Sink</th>
            <th scope="col">State</th>
            <th scope="col">Sent</th>
            <th scope="col">Waiting</th>
            <th scope="col">Dropped</th>
            <th scope="col">Last delivered</th>
            <th scope="col">Last failed</th>
          </tr>
        </thead>
        <tbody>
          {props.sinks.map((sink) => (
            <Fragment key={sink.name}>
              <tr>
                <th scope="row">
                  {showHidden(sink.name)}
                  {sink.type !== sink.name && <span className="sink-note">{showHidden(sink.type)}</span>}
                </th>
                <td>
                  <span className={`sink-state sink-${sink.state}`}>{describeState(sink)}</span>
                </td>
                <td>{formatNumber(sink.sentPoints)}</td>
                <td>
                  {formatNumber(sink.queuedPoints)}
                  {sink.spoolBytes > 0 && (
                    <span className="sink-note">{formatWithUnit(sink.spoolBytes, 'bytes')} on disk</span>
                  )}
                  {sink.oldestMs !== null && sink.state !== 'ok' && (
                    <span className="sink-note">the oldest came {ago(sink.oldestMs, props.nowMs)}</span>
                  )}
                </td>
                <td className={sink.droppedPoints > 0 ? 'sink-bad' : ''}>
                  {formatCount(sink.droppedPoints)}
                  {Object.entries(sink.droppedByReason)
                    .filter(([, points]) => points > 0)
                    .map(([reason, points]) => (
                      <span key={reason} className="sink-note">
                        {describeReason(reason)} {formatNumber(points)}
                      </span>
                    ))}
                </td>
                <td>
                  {ago(sink.lastSuccessMs, props.nowMs)}
                  {sink.lastSending !== null && (
                    <span className="sink-note">
                      {formatWithUnit(sink.lastSending.encodingMs + sink.lastSending.sendingMs, 'duration')},{' '}
                      {formatWithUnit(sink.lastSending.bytes, 'bytes')}
                    </span>
                  )}
                </td>
                <td>{ago(sink.lastFailureMs, props.nowMs)}</td>
              </tr>
              {sink.lastError !== null && (
                <tr className="sink-trouble">
                  <td colSpan={7}>
                    {showHidden(sink.lastError)} {sink.lastErrorHelp}
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** In one word. */
function describeState({ state, lastSuccessMs, queuedPoints }: SinkStatus): string {
  if (state !== 'ok') return state
  if (lastSuccessMs !== null) return 'delivers'
  return queuedPoints > 0 ? 'waiting' : 'idle'
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['queue_full', 'the queue was full:'],
  ['stopped', 'at a stop:'],
  ['refused', 'refused:'],
  ['damaged', 'damaged on disk:'],
])

function describeReason(reason: string): string {
  return REASONS.get(reason) ?? `${reason}:`
}

function ago(timeMs: number | null, nowMs: number): string {
  return timeMs === null ? 'never' : `${formatAge((nowMs - timeMs) / 1000)} ago`
}
