import { useMemo } from 'react'
import type { ChildSize } from '../api.ts'
import { formatAge, formatCount, formatNumber, formatWithUnit } from '../format.ts'
import { linkTo, type Route } from '../route.ts'
import { targetOf } from '../series-loader.ts'
import { showHidden } from '../series-name.ts'
import { useTimes } from '../time/times.ts'
import { pointRate } from './point-rate.ts'
import type { TimedSize } from './use-size.ts'

export interface SizeTableProps {
  readonly newest: TimedSize
  readonly first: TimedSize
  readonly order: 'bytes' | 'points' | 'series'
  readonly route: Route
  /** Kymo's clock. */
  readonly nowMs: number
}

/** One row for each child of a prefix: a branch leads further down, a series to its graph. */
export function SizeTable({ newest, first, order, route, nowMs }: SizeTableProps) {
  const { children, others, prefix } = newest.answer
  const before = useMemo(
    () => new Map(first.answer.children.map(({ path, points }) => [path, { points, atMs: first.atMs }])),
    [first],
  )
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
            <th scope="col">Points/s</th>
            <th scope="col">First seen</th>
            <th scope="col">Last seen</th>
            <th scope="col">Last queried</th>
          </tr>
        </thead>
        <tbody>
          {children.map((child) => (
            <tr key={`${child.path} ${child.isBranch}`}>
              <th scope="row">
                <a className="size-name" href={linkOf(child, prefix, route)}>
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
              <td>
                {writeRate(pointRate(before.get(child.path), { points: child.points, atMs: newest.atMs }))}
              </td>
              <td>{times.moment(child.firstSeenMs / 1000)}</td>
              <td>{ago(child.lastSeenMs, nowMs)}</td>
              <td>
                {child.lastQueriedMs === null ? 'not since start' : ago(child.lastQueriedMs, nowMs)}
                {child.lastQueriedFor !== null && (
                  <span className="size-reader">{describeReader(child.lastQueriedFor)}</span>
                )}
              </td>
            </tr>
          ))}
          {others.bytes > 0 && (
            <tr>
              <th scope="row">others, and series that have gone</th>
              <td>{formatWithUnit(others.bytes, 'bytes')}</td>
              <td>{formatCount(others.series)}</td>
              <td>{formatCount(others.points)}</td>
              <td colSpan={4} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  )
}

/** A value of a tag leads to the dashboard of what has it. */
function linkOf(child: ChildSize, prefix: string, route: Route): string {
  const { path } = child
  if (path.startsWith(';')) return linkTo(route, { page: 'dashboard', prefix: path })
  return child.isBranch && path !== prefix
    ? linkTo(route, { page: 'size', prefix: path })
    : linkTo(route, { page: 'explore', targets: [targetOf(path)] })
}

function describeReader({ dashboard, panel }: NonNullable<ChildSize['lastQueriedFor']>): string {
  return panel === null ? `dashboard ${dashboard}` : `dashboard ${dashboard}, panel ${panel}`
}

function writeRate(rate: number | null): string {
  return rate === null ? '…' : formatNumber(rate, 3)
}

function nameBelow(path: string, prefix: string): string {
  if (prefix.startsWith(';')) return path.slice(prefix.length + 1) || '(empty)'
  return prefix !== '' && path.startsWith(`${prefix}.`) ? path.slice(prefix.length + 1) : path
}

function ago(timeMs: number, nowMs: number): string {
  return `${formatAge((nowMs - timeMs) / 1000)} ago`
}
