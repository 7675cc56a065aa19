import type { Clock } from '../lib/clock.ts'
import { KymoError } from '../telemetry/errors.ts'

/**
 * How many queries run at once. The ones beyond wait in line, and beyond that are sent away with `server-busy`, so
 * that a storm of dashboards costs bounded memory and intake does not notice.
 */
export interface QueryGate {
  /**
   * Runs `task` when its turn has come. One whose `signal` fires while it waits leaves the line. What the task is
   * given fires with `signal`, and with `query-too-long` when the time is up; the task ends with its reason.
   */
  run<T>(signal: AbortSignal, task: (signal: AbortSignal) => Promise<T>): Promise<T>
}

export interface QueryGateOptions {
  readonly maxRunning: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
  readonly maxRunMs: number
  readonly clock: Clock
}

interface Waiter {
  readonly admit: () => void
}

export function createQueryGate(options: QueryGateOptions): QueryGate {
  const { maxRunning, maxWaiting, maxWaitMs, maxRunMs, clock } = options
  const line = new Set<Waiter>()
  let running = 0

  return {
    async run(signal, task) {
      signal.throwIfAborted()
      if (running < maxRunning) running++
      else await waitInLine(signal)
      const deadline = new AbortController()
      const timer = clock.after(maxRunMs, () => {
        deadline.abort(new KymoError('query-too-long', { seconds: maxRunMs / 1000 }))
      })
      try {
        return await task(AbortSignal.any([signal, deadline.signal]))
      } finally {
        timer.cancel()
        leave()
      }
    },
  }

  // A place that becomes free passes to the first in line without `running` changing, so nobody can slip in between.
  function leave(): void {
    const [next] = line
    if (next === undefined) running--
    else next.admit()
  }

  function waitInLine(signal: AbortSignal): Promise<void> {
    if (line.size >= maxWaiting) {
      throw new KymoError('server-busy', { reason: `${running} queries run and ${line.size} wait` })
    }
    return new Promise((resolve, reject) => {
      const stepOut = (): void => {
        line.delete(waiter)
        timer.cancel()
        signal.removeEventListener('abort', onAbort)
      }
      const onAbort = (): void => {
        stepOut()
        reject(signal.reason as Error)
      }
      const waiter: Waiter = {
        admit() {
          stepOut()
          resolve()
        },
      }
      const timer = clock.after(maxWaitMs, () => {
        stepOut()
        reject(
          new KymoError('server-busy', { reason: `the query waited ${maxWaitMs / 1000} s for its turn` }),
        )
      })
      signal.addEventListener('abort', onAbort, { once: true })
      line.add(waiter)
    })
  }
}
