import { useEffect, useRef, useState } from 'react'
import type { Answer, AskedSpan } from '../drawing-thread/messages.ts'
import { drawingThread, NO_ANSWER } from '../drawing-thread/thread.ts'
import type { Span } from '../time/time-text.ts'
import { useTimes } from '../time/times.ts'

/**
 * The span that is drawn: while a page goes on with the clock, that of the answers which are there, so that each flush draws once. Another stretch of
 * time is drawn at once, with what is there of it.
 */
export function drawnSpan(span: Span, { span: answered }: Pick<Answer, 'span'>): Span {
  if (answered === null) return span
  const isSameLength =
    Math.abs(answered.untilSeconds - answered.fromSeconds - (span.untilSeconds - span.fromSeconds)) < 1
  const movedSeconds = span.untilSeconds - answered.untilSeconds
  const isNext = movedSeconds >= 0 && movedSeconds < MOST_MOVED_SECONDS
  return isSameLength && isNext ? answered : span
}

/** As far as the clock goes between flushes; stepping to a later time is further. */
const MOST_MOVED_SECONDS = 120

export interface TargetsOptions {
  readonly maxDataPoints: number
  /** Of so many series the points are wanted. */
  readonly mostDrawn: number
  /** Of the series only these, in this order. */
  readonly names?: readonly string[]
  /** The saved dashboard that they are asked for. */
  readonly dashboard?: string
  readonly onLoading?: (isLoading: boolean) => void
}

/** The series of some targets. Until an answer is there, the one before stays. */
export function useTargets(targets: readonly string[], span: AskedSpan, options: TargetsOptions): Answer {
  const [answer, setAnswer] = useState(NO_ANSWER)
  const { zone } = useTimes()
  const { maxDataPoints, mostDrawn, names, dashboard } = options
  const wanted = JSON.stringify([targets, names ?? null])
  const { fromSeconds, untilSeconds, nowSeconds } = span
  const id = useRef(0)
  const onLoading = useRef(options.onLoading)
  useEffect(() => {
    onLoading.current = options.onLoading
  })

  useEffect(() => {
    const thread = drawingThread()
    const own = thread.listen((next) => {
      setAnswer(next)
      if (next.isWhole) onLoading.current?.(false)
    })
    id.current = own
    return () => thread.forget(own)
  }, [])
  useEffect(() => {
    const [asked, chosen] = JSON.parse(wanted) as [string[], string[] | null]
    onLoading.current?.(true)
    drawingThread().ask({
      id: id.current,
      targets: asked,
      names: chosen,
      span: { fromSeconds, untilSeconds, nowSeconds },
      mostDrawn,
      maxDataPoints,
      zone,
      dashboard,
    })
  }, [wanted, fromSeconds, untilSeconds, nowSeconds, mostDrawn, maxDataPoints, zone, dashboard])

  return answer
}
