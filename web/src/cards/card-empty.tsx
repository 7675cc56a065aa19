import type { MetricEntry } from '../api.ts'
import type { ChartPlan } from '../charts/chart-plan.ts'
import { MissingHints } from '../explore/missing-hints.tsx'
import { outsideRange } from '../explore/missing.ts'
import { formatAge } from '../format.ts'
import { useLive } from '../live-context.ts'
import { HOME } from '../route.ts'
import { showHidden } from '../series-name.ts'
import type { TimeWindow } from '../time-range.ts'
import type { Span } from '../time/time-text.ts'
import { useTimes } from '../time/times.ts'

export interface CardEmptyProps {
  readonly metric: MetricEntry
  readonly plan: ChartPlan
  readonly isLoaded: boolean
  /** Why Kymo would not answer. */
  readonly refusal: string | undefined
  readonly window: TimeWindow
  readonly onTime: ((span: Span) => void) | undefined
}

/** In the place of a graph without points: why there are none. */
export function CardEmpty({ metric, plan, isLoaded, refusal, window, onTime }: CardEmptyProps) {
  const times = useTimes()
  const { status } = useLive()
  if (plan.lines.length === 0) return <p className="card-empty">No series of this metric is kept.</p>
  if (refusal !== undefined) {
    return <p className="card-empty">{showHidden(refusal)}</p>
  }
  if (!isLoaded) return <p className="card-empty" />
  const { untilSeconds, spanSeconds } = window
  const span = { fromSeconds: untilSeconds - spanSeconds, untilSeconds }
  const missing = outsideRange(metric.key, metric, status?.nowMs, span)
  const hints = <MissingHints isMissing={(name) => name === nameOf(metric.key)} route={HOME} />
  if (missing?.kind === 'clock-ahead') {
    return (
      <p className="card-empty">
        Its points are {formatAge(missing.aheadMs / 1000)} later than now: the clock of its sender, or the
        times it sends, are ahead.
      </p>
    )
  }
  if (missing?.kind !== 'outside-range') {
    return (
      <div className="card-empty">
        <p>It was seen before and after, but has no point in this range.</p>
        {hints}
      </div>
    )
  }
  const isOlder = metric.lastSeenMs < span.fromSeconds * 1000
  const atSeconds = (isOlder ? metric.lastSeenMs : metric.firstSeenMs) / 1000
  return (
    <div className="card-empty">
      <p>
        No point in this range. {isOlder ? 'Last' : 'First'} seen {times.moment(atSeconds)}.
      </p>
      {isOlder && hints}
      {onTime !== undefined && (
        <button
          type="button"
          className="text-button"
          onClick={() => onTime({ fromSeconds: atSeconds - 1800, untilSeconds: atSeconds + 300 })}
        >
          Show that time
        </button>
      )}
    </div>
  )
}

/** Without its tags, as it stands in lines. */
function nameOf(key: string): string {
  return key.replace(/;.*$/s, '')
}
