import type { StatusReport } from '../api.ts'
import { formatCount, formatNumber, formatSpan } from '../format.ts'
import { showHidden } from '../series-name.ts'

/** Where flushes go, and how that went. */
export function SinkTable(props: { readonly sinks: StatusReport['sinks']; readonly nowMs: number }) {
  if (props.sinks.length === 0) return <p className="status-none">Nothing is passed on.</p>
  return (
    <div className="sinks-frame">
      <table className="sinks">
        <thead>
          <tr>
            <th scope="col">Sink</th>
            <th scope="col">Sent</th>
            <th scope="col">Waiting</th>
            <th scope="col">Dropped</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          {props.sinks.map((sink) => (
            <tr key={sink.name}>
              <th scope="row" title={sink.lastError === null ? undefined : showHidden(sink.lastError)}>
                {showHidden(sink.name)}
                {sink.lastError !== null && <span className="sink-error">{showHidden(sink.lastError)}</span>}
              </th>
              <td>{formatNumber(sink.sentPoints)}</td>
              <td>{formatNumber(sink.queuedPoints)}</td>
              <td className={sink.droppedPoints > 0 ? 'sink-bad' : ''}>{formatCount(sink.droppedPoints)}</td>
              <td>
                {sink.lastFlushMs === null
                  ? 'never'
                  : `${formatSpan(Math.max(0, Math.round((props.nowMs - sink.lastFlushMs) / 1000)))} ago`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
