import { useEffect, useMemo, useState } from 'react'
import { findNodes, type MetricEntry } from '../api.ts'
import { formatAge, formatCount } from '../format.ts'
import { useRejections } from '../incoming/use-rejections.ts'
import { useLive } from '../live-context.ts'
import { mainSeries } from '../main-series.ts'
import { overflowName } from '../over-limit/over-limit.ts'
import { Rejection } from '../rejection.tsx'
import { HOME, linkTo, type Navigate } from '../route.ts'
import { targetOf } from '../series-loader.ts'
import { showHidden } from '../series-name.ts'
import { type Span, spanText } from '../time/time-text.ts'
import { useTimes } from '../time/times.ts'
import { explainMissing } from './missing.ts'
import { pathsOf } from './target-text.ts'

export interface NoDataProps {
  readonly target: string
  readonly span: Span
  readonly metrics: readonly MetricEntry[]
  /** Puts another path in the place of the one that nobody has. */
  readonly onReplace: (path: string, other: string) => void
  readonly onTime: Navigate
}

/** An empty chart says why it is empty, and what would not be. */
export function NoData({ target, span, metrics, onReplace, onTime }: NoDataProps) {
  const times = useTimes()
  const [known, setKnown] = useState<ReadonlyMap<string, boolean> | null>(null)
  const { status } = useLive()
  const rejections = useRejections()
  useEffect(() => {
    const controller = new AbortController()
    const paths = pathsOf(target)
    void Promise.all(
      paths.map(async (path) => [path, (await findNodes(path, controller.signal)).length > 0] as const),
    )
      .then((found) => setKnown(new Map(found)))
      .catch(() => undefined)
    return () => controller.abort()
    // What was not there may have come since.
  }, [target, metrics])
  const missing = useMemo(() => {
    if (known === null) return null
    const evidence = { metrics, rejections, status }
    return explainMissing(pathsOf(target), (path) => known.get(path) === true, evidence, span)
  }, [target, known, metrics, span, rejections, status])
  if (missing === null) return null
  switch (missing.kind) {
    case 'never-seen':
      return (
        <div className="no-data">
          <p>
            No series was ever seen under <code>{showHidden(missing.path)}</code>.
          </p>
          {missing.nearest.length > 0 && (
            <p className="no-data-ways">
              Nearest names:{' '}
              {missing.nearest.map((name) => (
                <button
                  key={name}
                  type="button"
                  className="name-button"
                  onClick={() => onReplace(missing.path, targetOf(name))}
                >
                  {showHidden(name)}
                </button>
              ))}
            </p>
          )}
        </div>
      )
    case 'rejected':
      return (
        <div className="no-data">
          <p>
            <code>{showHidden(missing.path)}</code> was sent, but its lines were rejected:
          </p>
          <Rejection rejection={missing.rejection} />
          <a className="button" href={linkTo(HOME, { page: 'incoming' })}>
            Show rejected lines
          </a>
        </div>
      )
    case 'over-limit': {
      const name = overflowName(missing.offender)
      const sum = metrics.find(({ key }) => key === name)
      return (
        <div className="no-data">
          <p>
            <code>{showHidden(missing.path)}</code> is over a limit: below “
            {showHidden(missing.offender.limit.prefix)}” at most {formatCount(missing.offender.limit.series)}{' '}
            series are let in. What comes above that is added up in <code>{showHidden(name)}</code>.
          </p>
          {sum !== undefined && (
            <button
              type="button"
              className="button"
              onClick={() => onReplace(missing.path, targetOf(mainSeries(sum) ?? sum.key))}
            >
              Show that sum
            </button>
          )}
        </div>
      )
    }
    case 'refused-time': {
      const { timeMs, atMs } = missing.refused
      const isAhead = timeMs > atMs
      return (
        <div className="no-data">
          <p>
            A point of <code>{showHidden(missing.refused.key)}</code> came {times.moment(atMs / 1000)} with
            the time {times.date(timeMs / 1000)}, {formatAge(Math.abs(timeMs - atMs) / 1000)}{' '}
            {isAhead ? 'later' : 'earlier'}, and was not kept:{' '}
            {isAhead
              ? 'the clock of its sender, or the times it sends, are ahead.'
              : 'it is older than what is kept.'}
          </p>
        </div>
      )
    }
    case 'clock-ahead':
      return (
        <div className="no-data">
          <p>
            <code>{showHidden(missing.path)}</code> has points {formatAge(missing.aheadMs / 1000)} later than
            now. The clock of its sender, or the times it sends, are ahead.
          </p>
        </div>
      )
    case 'outside-range': {
      const isOlder = missing.lastSeenMs < span.fromSeconds * 1000
      const atSeconds = (isOlder ? missing.lastSeenMs : missing.firstSeenMs) / 1000
      return (
        <div className="no-data">
          <p>
            <code>{showHidden(missing.path)}</code> has points, but none in this range. It was{' '}
            {isOlder ? 'last' : 'first'} seen {times.moment(atSeconds)}.
          </p>
          <button
            type="button"
            className="button"
            onClick={() => onTime(spanText({ fromSeconds: atSeconds - 1800, untilSeconds: atSeconds + 300 }))}
          >
            Show that time
          </button>
        </div>
      )
    }
    case 'empty':
      return (
        <div className="no-data">
          <p>
            What <code>{showHidden(target)}</code> names is there, but has no value in this range.
          </p>
        </div>
      )
  }
}
