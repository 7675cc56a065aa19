import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../lib/clock.ts'

/** Under a flood there is always something more; then a stop goes on after this time. */
const LONGEST_MS = 250

/**
 * Lets the event loop turn until a whole turn has brought nothing new: what the kernel had taken for us before a stop
 * has then been handed on. `arrivals` is any number that grows with whatever arrives.
 */
export async function drain(clock: Clock, arrivals: () => number): Promise<void> {
  const deadlineMs = clock.monotonicMs() + LONGEST_MS
  // The first turn may begin behind the loop's look at the sockets, so only the second is known to be whole.
  for (let quietTurns = 0; quietTurns < 2 && clock.monotonicMs() < deadlineMs; ) {
    const before = arrivals()
    await nextTurn()
    quietTurns = arrivals() === before ? quietTurns + 1 : 0
  }
}
