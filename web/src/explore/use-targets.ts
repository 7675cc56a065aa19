import { useEffect, useRef, useState } from 'react'
import { ApiError, fetchTarget, problemOf, type TargetSeries } from '../api.ts'
import type { Span } from '../time/time-text.ts'
import { useTimes } from '../time/times.ts'

export interface TargetAnswer {
  readonly target: string
  readonly series: readonly TargetSeries[]
  readonly problem: string | null
  /** For whom it was asked; the points may still be of the span before. */
  readonly span: Span
}

/**
 * The span that is drawn: while a page goes on with the clock, that of the answers which are there, so that each flush draws once. Another stretch of
 * time is drawn at once, with what is there of it.
 */
export function drawnSpan(span: Span, answers: ReadonlyMap<string, TargetAnswer>): Span {
  const [first] = answers.values()
  if (first === undefined) return span
  const isSameLength =
    Math.abs(first.span.untilSeconds - first.span.fromSeconds - (span.untilSeconds - span.fromSeconds)) < 1
  const movedSeconds = span.untilSeconds - first.span.untilSeconds
  const isNext = movedSeconds >= 0 && movedSeconds < MOST_MOVED_SECONDS
  return isSameLength && isNext ? first.span : span
}

/** As far as the clock goes between flushes; stepping to a later time is further. */
const MOST_MOVED_SECONDS = 120

/**
 * The series of each target. Every target is a request of its own, so that one with a mistake does not hide the others
 * and the mistake is shown where it was made. Until an answer is there, the one before stays.
 */
export function useTargets(
  targets: readonly string[],
  span: Span,
  maxDataPoints: number,
  dashboard?: string,
): { answers: ReadonlyMap<string, TargetAnswer>; isLoading: boolean } {
  const [answers, setAnswers] = useState<ReadonlyMap<string, TargetAnswer>>(new Map())
  const [isLoading, setLoading] = useState(false)
  const joined = JSON.stringify([...new Set(targets.map((target) => target.trim()))].filter(Boolean))
  const { fromSeconds, untilSeconds } = span
  const { zone } = useTimes()
  const busy = useRef(0)

  useEffect(() => {
    const wanted = JSON.parse(joined) as string[]
    const controller = new AbortController()
    const round = ++busy.current
    setLoading(wanted.length > 0)
    setAnswers((before) => {
      const kept = [...before].filter(([target]) => wanted.includes(target))
      return kept.length === before.size ? before : new Map(kept)
    })
    const take = (answer: TargetAnswer) => {
      if (!controller.signal.aborted) setAnswers((before) => new Map(before).set(answer.target, answer))
    }
    const asked = { fromSeconds, untilSeconds }
    const requests = wanted.map((target) =>
      fetchTarget({ target, ...asked, maxDataPoints, zone, dashboard }, controller.signal)
        .then((series) => take({ target, series, problem: null, span: asked }))
        .catch((error: unknown) => {
          const problem =
            error instanceof ApiError
              ? problemOf(error)
              : 'Kymo does not answer; it is asked again by itself.'
          take({ target, series: [], problem, span: asked })
        }),
    )
    void Promise.all(requests).then(() => {
      if (round === busy.current) setLoading(false)
    })
    return () => controller.abort()
  }, [joined, fromSeconds, untilSeconds, maxDataPoints, zone, dashboard])

  return { answers, isLoading }
}
