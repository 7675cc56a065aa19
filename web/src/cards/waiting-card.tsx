import type { StatusReport } from '../api.ts'
import type { LiveState } from '../live.ts'
import { readSeriesName } from '../series-name.ts'
import { useNow } from '../use-now.ts'

export interface WaitingCardProps {
  readonly live: LiveState
  readonly status: StatusReport
}

/** Between the first packet and the first flush: it has arrived, and when it will be drawn. */
export function WaitingCard({ live, status }: WaitingCardProps) {
  const { firstMetric } = status
  const name = firstMetric === null ? null : readSeriesName(firstMetric.key)
  return (
    <section className="waiting" aria-live="polite">
      <p className="eyebrow">It arrived</p>
      <h2 className="first-title">
        {name === null ? (
          'Your first metric is here'
        ) : (
          <>
            <bdi className="waiting-name">
              {name.prefix}
              {name.leaf}
            </bdi>{' '}
            <span className="waiting-type">is a {firstMetric?.type}</span>
          </>
        )}
      </h2>
      <NextFlush live={live} status={status} />
    </section>
  )
}

function NextFlush({ live, status }: WaitingCardProps) {
  const nowMs = useNow(200) + live.clockOffsetMs
  const leftMs = Math.max(0, status.nextFlushMs - nowMs)
  const leftSeconds = Math.ceil(leftMs / 1000)
  const share = status.flushIntervalMs > 0 ? 1 - Math.min(1, leftMs / status.flushIntervalMs) : 1
  return (
    <>
      <p className="first-lead" aria-live="off">
        First point at the next flush, {leftSeconds === 0 ? 'now' : `in ${leftSeconds} s`}.
      </p>
      <progress className="waiting-progress" max={1} value={share} aria-label="Time to the next flush" />
    </>
  )
}
