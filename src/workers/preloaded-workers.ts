import type { Worker } from 'node:worker_threads'
import { type PreloadedWorker, preloadWorker, spawnWorker } from './spawn.ts'
import type { WorkerName, WorkerSetup } from './worker-setup.ts'

/** Threads that load what they need while main still finds out what they are to do. */
export class PreloadedWorkers {
  readonly #waiting: Map<string, PreloadedWorker>

  /** Of each, the file it runs and its name. */
  constructor(wanted: readonly (readonly [WorkerName, string])[]) {
    this.#waiting = new Map(
      wanted.map(([name, threadName]) => [threadName, preloadWorker(name, threadName)] as const),
    )
  }

  /** As `spawnWorker`, but takes the one that waits, the first time. */
  spawn(name: WorkerName, setup: WorkerSetup): Worker {
    const waiting = this.#waiting.get(setup.threadName)
    this.#waiting.delete(setup.threadName)
    return waiting === undefined || waiting.hasEnded ? spawnWorker(name, setup) : waiting.begin(setup)
  }
}
