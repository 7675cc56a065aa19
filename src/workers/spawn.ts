import { MessageChannel, Worker } from 'node:worker_threads'
import { giveSetup, type SetupSlot } from './setup-slot.ts'
import type { WorkerName, WorkerSetup } from './worker-setup.ts'

/** A thread that loads its file and then waits to be told with what to begin. */
export interface PreloadedWorker {
  /** Once. undefined: it has died meanwhile, and another is needed. */
  begin(setup: WorkerSetup): Worker | undefined
}

/** Starts the thread whose file is named like it; sources and compiled files alike. */
export function spawnWorker(name: WorkerName, setup: WorkerSetup): Worker {
  const worker = preloadWorker(name, setup.threadName).begin(setup)
  if (worker === undefined) throw new Error(`BUG: the thread ${setup.threadName} has ended before it began`)
  return worker
}

/** The same before it is known with what: loading takes longer than reading a configuration. */
export function preloadWorker(
  name: WorkerName,
  threadName: string,
  file: URL = fileOf(name),
): PreloadedWorker {
  const { port1, port2 } = new MessageChannel()
  const isGiven = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const slot: SetupSlot = { port: port2, isGiven }
  const worker = new Worker(file, { name: threadName, workerData: slot, transferList: [port2] })
  let hasDied = false
  const onDeath = (): void => {
    hasDied = true
  }
  // Nobody else listens yet, and an error that nobody hears ends the process.
  worker.on('error', onDeath).on('exit', onDeath)
  return {
    begin(setup) {
      if (hasDied) return undefined
      worker.off('error', onDeath).off('exit', onDeath)
      giveSetup({ port: port1, isGiven }, setup)
      return worker
    },
  }
}

function fileOf(name: WorkerName): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./${name}.${extension}`, import.meta.url)
}
