import { MessageChannel, type ResourceLimits, Worker } from 'node:worker_threads'
// What is drawn there has to be known before any thread is started.
import '../lib/text-hash.ts'
import { giveSetup, type SetupSlot } from './setup-slot.ts'
import type { WorkerName, WorkerSetup } from './worker-setup.ts'

/** A thread that loads its file and then waits to be told with what to begin. */
export interface PreloadedWorker {
  /** It could not be loaded. */
  readonly hasEnded: boolean
  /** Once; from then on its end is for the caller to notice. */
  begin(setup: WorkerSetup): Worker
}

/** Starts the thread whose file is named like it; sources and compiled files alike. */
export function spawnWorker(name: WorkerName, setup: WorkerSetup): Worker {
  return preloadWorker(name, setup.threadName).begin(setup)
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
  const worker = new Worker(file, {
    name: threadName,
    workerData: slot,
    transferList: [port2],
    resourceLimits: limitsOf(name),
  })
  let hasEnded = false
  const onEnd = (): void => {
    hasEnded = true
  }
  // Nobody else listens yet, and an error that nobody hears ends the process.
  worker.on('error', onEnd).on('exit', onEnd)
  return {
    get hasEnded() {
      return hasEnded
    },
    begin(setup) {
      worker.off('error', onEnd).off('exit', onEnd)
      giveSetup({ port: port1, isGiven }, setup)
      return worker
    },
  }
}

function fileOf(name: WorkerName): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./${name}.${extension}`, import.meta.url)
}

/**
 * Threads on the way of a metric keep columns, which are no objects: what they make besides is of use for a moment. Of its own accord
 * the room for it would grow with every flood of new names, and stay so.
 */
function limitsOf(name: WorkerName): ResourceLimits {
  const limits: Readonly<Partial<Record<WorkerName, number>>> = YOUNG_GENERATION_MB
  const maxYoungGenerationSizeMb = limits[name]
  return maxYoungGenerationSizeMb === undefined ? {} : { maxYoungGenerationSizeMb }
}

/** The most that there is, of the threads that have less than V8 gives. */
export const YOUNG_GENERATION_MB = {
  receiver: 2,
  stream: 4,
  keeper: 3,
} as const
