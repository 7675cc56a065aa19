import { useEffect, useMemo, useRef, useState } from 'react'
import { type MetricEntry, problemOf, resolveTimes } from '../api.ts'
import type { LiveState } from '../live.ts'
import { useTimeWindow } from '../use-time-window.ts'
import { useTimes } from './times.ts'
import { isLive, resolveTime, type Span, type TimeText } from './time-text.ts'

export interface ShownSpan extends Span {
  readonly nowSeconds: number
  /** It ends now, and moves on with each flush. */
  readonly isLive: boolean
  /** Why the typed times mean nothing; what is shown is what was shown before. */
  readonly problem: string | null
}

/** The stretch of time that is typed, as moments. While `isHeld`, it does not move on. */
export function useSpan(
  { from, until }: TimeText,
  live: LiveState,
  metrics: readonly MetricEntry[],
  isHeld: boolean,
): ShownSpan {
  const automatic = useTimeWindow(live, metrics)
  const held = useRef(automatic)
  if (!isHeld) held.current = automatic
  const { untilSeconds: nowSeconds, spanSeconds } = held.current

  const near = useMemo(() => {
    const start = from === '' ? nowSeconds - spanSeconds : resolveTime(from, nowSeconds)
    const end = until === '' ? nowSeconds : resolveTime(until, nowSeconds)
    return start === undefined || end === undefined || start >= end
      ? undefined
      : { fromSeconds: start, untilSeconds: end }
  }, [from, until, nowSeconds, spanSeconds])
  const { span: far, problem } = useFarSpan(near === undefined ? from : '', until, near === undefined)

  const shown = near ?? far
  const last = useRef<Span>({ fromSeconds: nowSeconds - spanSeconds, untilSeconds: nowSeconds })
  if (shown !== undefined) last.current = shown
  const { fromSeconds, untilSeconds } = last.current
  const goesOn = isLive({ from, until })
  return useMemo(
    () => ({ fromSeconds, untilSeconds, nowSeconds, isLive: goesOn, problem }),
    [fromSeconds, untilSeconds, nowSeconds, goesOn, problem],
  )
}

/** What only Kymo can tell the meaning of: dates, months, names of days. */
function useFarSpan(
  from: string,
  until: string,
  isNeeded: boolean,
): { span: Span | undefined; problem: string | null } {
  const { zone } = useTimes()
  const [answer, setAnswer] = useState<{ span: Span | undefined; problem: string | null }>({
    span: undefined,
    problem: null,
  })
  useEffect(() => {
    setAnswer({ span: undefined, problem: null })
    if (!isNeeded) return
    const controller = new AbortController()
    resolveTimes(from === '' ? '-1h' : from, until === '' ? 'now' : until, zone, controller.signal)
      .then((times) =>
        setAnswer({ span: { fromSeconds: times.from, untilSeconds: times.until }, problem: null }),
      )
      .catch((error: unknown) => {
        if (!controller.signal.aborted) setAnswer({ span: undefined, problem: problemOf(error) })
      })
    return () => controller.abort()
  }, [from, until, zone, isNeeded])
  return answer
}
