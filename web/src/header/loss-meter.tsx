import { useEffect, useRef } from 'react'
import type { RejectionSample, StatusReport } from '../api.ts'
import { formatCount, formatNumber } from '../format.ts'
import { OffenderList } from '../over-limit/offender-list.tsx'
import { Rejection } from '../rejection.tsx'

export interface LossMeterProps {
  readonly status: StatusReport
  readonly lastRejection: RejectionSample | null
}

const SHOWN_OFFENDERS = 5

/** What was received and what became of it, always adding up. Short in the header, whole when opened. */
export function LossMeter({ status, lastRejection }: LossMeterProps) {
  const { lines, packets, limits } = status
  const lost = lines.rejected + packets.droppedByKernel
  const frameRef = useCloseOutside()
  return (
    <details className="loss" ref={frameRef}>
      <summary className={lost > 0 ? 'loss-short loss-some' : 'loss-short'}>
        <LossBar accepted={lines.accepted} lost={lost} />
        <span>
          <b>{formatNumber(lines.received)}</b> {lines.received === 1 ? 'line' : 'lines'}
        </span>
        <span className="loss-count">
          <b>{formatNumber(lost)}</b> lost
        </span>
      </summary>
      <div className="loss-panel">
        <dl className="loss-table">
          <Row name="Packets received" value={packets.received} />
          <Row name="Lines received" value={lines.received} />
          <Row name="accepted" value={lines.accepted} isPart />
          <Row name="rejected" value={lines.rejected} isPart isBad={lines.rejected > 0} />
          {Object.entries(lines.rejectedByReason)
            .filter(([, count]) => count > 0)
            .map(([reason, count]) => (
              <Row key={reason} name={reason} value={count} isPart isReason />
            ))}
          <Row
            name="Packets dropped by the kernel"
            value={packets.droppedByKernel}
            isBad={packets.droppedByKernel > 0}
          />
        </dl>
        {lastRejection !== null && (
          <>
            <h2 className="loss-title">Last rejected line</h2>
            <Rejection rejection={lastRejection} />
          </>
        )}
        {limits.offenders.length > 0 && (
          <>
            <h2 className="loss-title">New metrics over a limit, added up</h2>
            <OffenderList offenders={limits.offenders} limit={SHOWN_OFFENDERS} />
          </>
        )}
      </div>
    </details>
  )
}

interface RowProps {
  readonly name: string
  readonly value: number
  readonly isPart?: boolean
  readonly isReason?: boolean
  readonly isBad?: boolean
}

function Row({ name, value, isPart = false, isReason = false, isBad = false }: RowProps) {
  const classes = ['loss-row', isPart && 'loss-part', isReason && 'loss-reason', isBad && 'loss-bad']
  return (
    <div className={classes.filter(Boolean).join(' ')}>
      <dt>{name}</dt>
      <dd>{formatCount(value)}</dd>
    </div>
  )
}

/** A share below one pixel is still drawn: one lost line in a million is a lost line. */
function LossBar({ accepted, lost }: { readonly accepted: number; readonly lost: number }) {
  const total = accepted + lost
  const lostWidth = total === 0 || lost === 0 ? 0 : Math.max(2, (lost / total) * 28)
  return (
    <svg className="loss-bar" viewBox="0 0 28 4" aria-hidden="true">
      <rect className="loss-bar-ground" width="28" height="4" rx="2" />
      {accepted > 0 && <rect className="loss-bar-accepted" width={28 - lostWidth} height="4" rx="2" />}
      {lost > 0 && <rect className="loss-bar-lost" x={28 - lostWidth} width={lostWidth} height="4" rx="1" />}
    </svg>
  )
}

function useCloseOutside() {
  const frameRef = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    const close = (event: Event) => {
      const frame = frameRef.current
      if (frame === null || !frame.open) return
      const isEscape = event instanceof KeyboardEvent && event.key === 'Escape'
      const isOutside = event.type === 'pointerdown' && !frame.contains(event.target as Node)
      if (isEscape || isOutside) frame.open = false
    }
    document.addEventListener('pointerdown', close)
    document.addEventListener('keydown', close)
    return () => {
      document.removeEventListener('pointerdown', close)
      document.removeEventListener('keydown', close)
    }
  }, [])
  return frameRef
}
