import { parentPort, workerData } from 'node:worker_threads'
import type { Config } from '../config/config.ts'
import { createLog, type Log } from '../telemetry/log.ts'
import { OwnMetrics, type OwnMetricsLayout } from '../telemetry/own-metrics.ts'
import type { Port } from './rpc.ts'
import { type SetupSlot, takeSetup } from './setup-slot.ts'

export type WorkerName = 'keeper' | 'receiver' | 'stream' | 'query' | 'delivery'

/** What a thread is given when it starts: plain data and shared memory. */
export interface WorkerSetup {
  /** `keeper`, `receiver-1`: the label of its log lines and of `kymo_worker_restarts_total`. */
  readonly threadName: string
  readonly config: Config
  readonly isTerminal: boolean
  readonly metricsLayout: OwnMetricsLayout
  readonly metricsBuffer: SharedArrayBuffer
  /** See BoundaryBoard. */
  readonly boundaryBuffer: SharedArrayBuffer
  /** Place on the board of a thread that aggregates; -1 for the others. */
  readonly shardId: number
}

/** What of it may become another while the thread runs. */
export type ReloadedSetup = Pick<WorkerSetup, 'config' | 'metricsLayout'>

export interface WorkerSelf {
  readonly setup: WorkerSetup
  readonly log: Log
  readonly metrics: OwnMetrics
  /** The main thread. */
  readonly main: Port
}

/** The slot is emptied by whoever asks first. */
let self: WorkerSelf | undefined

/** By a thread's own file: what it was started with. Waits until that is known; before it there is nothing to do. */
export function workerSelf(): WorkerSelf {
  if (parentPort === null) throw new Error('BUG: this file runs as a worker thread')
  if (self !== undefined) return self
  const setup = takeSetup(workerData as SetupSlot)
  self = {
    setup,
    log: createLog({ level: setup.config.log.level, isTerminal: setup.isTerminal }, setup.threadName),
    metrics: new OwnMetrics(setup.metricsLayout, setup.metricsBuffer),
    main: parentPort,
  }
  return self
}
