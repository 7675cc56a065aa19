import { useEffect, useState } from 'react'
import { browserClock } from './browser-clock.ts'

/** The browser's time, looked at again every `intervalMs`. */
export function useNow(intervalMs: number): number {
  const [nowMs, setNowMs] = useState(() => browserClock.nowMs())
  useEffect(
    () => browserClock.after(intervalMs - (nowMs % intervalMs), () => setNowMs(browserClock.nowMs())),
    [intervalMs, nowMs],
  )
  return nowMs
}
