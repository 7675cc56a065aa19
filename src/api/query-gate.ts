import type { Clock } from '../lib/clock.ts'
import { KymoError } from '../telemetry/errors.ts'

/**
 * How many queries run at once. The ones beyond wait in line, and beyond that are sent away with `server-busy`, so
 * that a storm of dashboards costs bounded memory and intake does not notice.
 */
export interface QueryGate {
  /** Runs `task` when its turn has come. One whose `signal` fires while it waits leaves the line. */
  run<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T>
}

export interface QueryGateOptions {
  readonly maxRunning: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
  readonly clock: Clock
}

interface Waiter {
  readonly admit: () => void
}

export function createQueryGate(options: QueryGateOptions): QueryGate {
  const { maxRunning, maxWaiting, maxWaitMs, clock } = options
  const line = new Set<Waiter>()
  let running = 0

  return {
    async run(signal, task) {
      signal.throwIfAborted()
      if (running < maxRunning) running++
      else await waitInLine(signal)
      try {
        return await task()
      } finally {
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
