/**
 * The one source of time. Everything that needs the time or a timer is handed a `Clock`, so that tests can hold
 * the hands: `Date.now` and the timer functions appear here and nowhere else.
 */
export interface Clock {
  /** Wall clock, milliseconds since 1970. May step backwards. */
  nowMs(): number
  /** Milliseconds since an arbitrary moment; never steps backwards. For durations. */
  monotonicMs(): number
  /** Calls `action` once, not earlier than `delayMs` from now. */
  after(delayMs: number, action: () => void): Timer
}

export interface Timer {
  /** Safe to call twice, and after the action has run. */
  cancel(): void
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const handle = setTimeout(action, delayMs)
    return { cancel: () => clearTimeout(handle) }
  },
}

/** Resolves after `delayMs` of the clock's time. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.after(delayMs, resolve))
}

/**
 * Resolves when the event loop has looked at every socket once: whatever had arrived by now has been told by then.
 * Not a matter of time, so no clock holds its hands.
 */
export async function nextEventLoopTurn(): Promise<void> {
  // The first may run before this turn polls, the second runs after a poll.
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
}
