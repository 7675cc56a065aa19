import { Worker } from 'node:worker_threads'
import type { WorkerName, WorkerSetup } from './worker-setup.ts'

/** Starts the thread whose file is named like it; sources and compiled files alike. */
export function spawnWorker(name: WorkerName, setup: WorkerSetup): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new Worker(new URL(`./${name}.${extension}`, import.meta.url), {
    name: setup.threadName,
    workerData: setup,
  })
}
