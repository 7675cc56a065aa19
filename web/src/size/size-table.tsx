import type { SizeAnswer } from '../api.ts'
import { formatCount, formatSpan, formatWithUnit } from '../format.ts'
import { linkTo, type Route } from '../route.ts'
import { targetOf } from '../series-loader.ts'
import { showHidden } from '../series-name.ts'
import { useTimes } from '../time/times.ts'

export interface SizeTableProps {
  readonly answer: SizeAnswer
  readonly order: 'bytes' | 'points' | 'series'
  readonly route: Route
  /** Kymo's clock. */
  readonly nowMs: number
}

/** One row for each child of a prefix: a branch leads further down, a series to its graph. */
export function SizeTable({ answer, order, route, nowMs }: SizeTableProps) {
  const { children, others, prefix } = answer
  const times = useTimes()
  if (children.length === 0) {
    return <p className="status-none">No series is kept {prefix === '' ? 'yet' : 'below this name'}.</p>
  }
  const largest = Math.max(1, ...children.map((child) => child[order]))
  return (
    <div className="sinks-frame" tabIndex={0} role="region" aria-label="Sizes by name">
      <table className="sinks sizes">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Bytes</th>
            <th scope="col">Series</th>
            <th scope="col">Points</th>
            <th scope="col">First seen</th>
            <th scope="col">Last seen</th>
            <th scope="col">Last queried</th>
          </tr>
        </thead>
        <tbody>
          {children.map((child) => (
            <tr key={`${child.path} ${child.isBranch}`}>
              <th scope="row">
                <a
                  className="size-name"
                  href={
                    child.isBranch && child.path !== prefix
                      ? linkTo(route, { page: 'size', prefix: child.path })
                      : linkTo(route, { page: 'explore', targets: [targetOf(child.path)] })
                  }
                >
                  <bdi>{showHidden(nameBelow(child.path, prefix))}</bdi>
                </a>
                <meter
                  className="size-bar"
                  min={0}
                  max={largest}
                  value={child[order]}
                  aria-label={`Share of the largest by ${order}`}
                />
              </th>
              <td>{formatWithUnit(child.bytes, 'bytes')}</td>
              <td>{formatCount(child.series)}</td>
              <td>{formatCount(child.points)}</td>
              <td>{times.moment(child.firstSeenMs / 1000)}</td>
              <td>{ago(child.lastSeenMs, nowMs)}</td>
              <td>{child.lastQueriedMs === null ? 'not since start' : ago(child.lastQueriedMs, nowMs)}</td>
            </tr>
          ))}
          {others.bytes > 0 && (
            <tr>
              <th scope="row">others, and series that have gone</th>
              <td>{formatWithUnit(others.bytes, 'bytes')}</td>
              <td>{formatCount(others.series)}</td>
              <td>{formatCount(others.points)}</td>
              <td colSpan={3} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  )
}

function nameBelow(path: string, prefix: string): string {
  return prefix !== '' && path.startsWith(`${prefix}.`) ? path.slice(prefix.length + 1) : path
}

function ago(timeMs: number, nowMs: number): string {
  const seconds = Math.round((nowMs - timeMs) / 1000)
  return seconds < 1 ? 'now' : `${formatSpan(seconds)} ago`
}
