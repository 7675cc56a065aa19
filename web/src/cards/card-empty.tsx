import type { MetricEntry } from '../api.ts'
import type { ChartPlan } from '../charts/chart-plan.ts'
import { outsideRange } from '../explore/missing.ts'
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
  if (plan.lines.length === 0) return <p className="card-empty">No series of this metric is kept.</p>
  if (refusal !== undefined) {
    return <p className="card-empty">It cannot be asked for by name. {showHidden(refusal)}</p>
  }
  if (!isLoaded) return <p className="card-empty" />
  const { untilSeconds, spanSeconds } = window
  const span = { fromSeconds: untilSeconds - spanSeconds, untilSeconds }
  const missing = outsideRange(metric.key, metric, undefined, span)
  if (missing?.kind !== 'outside-range') {
    return <p className="card-empty">It was seen before and after, but has no point in this range.</p>
  }
  const isOlder = metric.lastSeenMs < span.fromSeconds * 1000
  const atSeconds = (isOlder ? metric.lastSeenMs : metric.firstSeenMs) / 1000
  return (
    <div className="card-empty">
      <p>
        No point in this range. {isOlder ? 'Last' : 'First'} seen {times.moment(atSeconds)}.
      </p>
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
