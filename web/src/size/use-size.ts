import { useEffect, useState } from 'react'
import { fetchSize, problemOf, type SizeAnswer } from '../api.ts'
import { browserClock } from '../browser-clock.ts'

/** Sizes are asked for again that often while they are looked at: what has come meanwhile is the rate. */
const AGAIN_MS = 10_000

export interface TimedSize {
  readonly answer: SizeAnswer
  readonly atMs: number
}

export interface ShownSize {
  readonly newest: TimedSize | null
  /** The first answer about this prefix since the page was opened. */
  readonly first: TimedSize | null
  readonly problem: string | null
}

const NOTHING: ShownSize = { newest: null, first: null, problem: null }

export function useSize(prefix: string, order: 'bytes' | 'points' | 'series'): ShownSize {
  const [shown, setShown] = useState(NOTHING)
  useEffect(() => {
    const controller = new AbortController()
    let cancel = () => {}
    const ask = async (): Promise<void> => {
      try {
        if (document.visibilityState === 'visible') {
          const answer = await fetchSize(prefix, order, controller.signal)
          const newest = { answer, atMs: browserClock.nowMs() }
          setShown(({ first }) => ({
            newest,
            first: first?.answer.prefix === prefix ? first : newest,
            problem: null,
          }))
        }
      } catch (error) {
        if (!controller.signal.aborted) setShown((before) => ({ ...before, problem: problemOf(error) }))
      }
      if (!controller.signal.aborted) cancel = browserClock.after(AGAIN_MS, () => void ask())
    }
    void ask()
    return () => {
      controller.abort()
      cancel()
    }
  }, [prefix, order])
  return shown
}
