/** The page's one source of time and timers; tests hand in their own. */
export interface PageClock {
  nowMs(): number
  /** Calls `action` once, after `delayMs`. The answer cancels it and may be called at any time. */
  after(delayMs: number, action: () => void): () => void
}

export const browserClock: PageClock = {
  nowMs: () => Date.now(),
  after(delayMs, action) {
    const handle = setTimeout(action, delayMs)
    return () => clearTimeout(handle)
  },
}
