import type { AdminSetting } from '../admin/services.ts'
import type { StatusReport } from '../api/services.ts'
import type { Log } from '../telemetry/log.ts'
import type { FirstMetric } from '../workers/calls.ts'
import type { spawnWorker } from '../workers/spawn.ts'

/** What a role is given besides its configuration. */
export interface RoleContext {
  readonly log: Log
  /** The log is read by a person. */
  readonly isTerminal: boolean
  readonly version: string
  /** Folder of the built web app. */
  readonly webRoot: string
  /** What is in force, for the console; secrets redacted. */
  readonly settings: readonly AdminSetting[]
  /** Called once, with the first metric taken in since the start. */
  readonly onFirstMetric: (metric: FirstMetric & { readonly afterMs: number }) => void
  /** How a thread is started; tests look on. */
  readonly spawn?: typeof spawnWorker
}

/** A role that runs. */
export interface Running {
  status(): StatusReport
  /** Takes nothing more in, keeps or passes on what it has, and ends. */
  stop(): Promise<void>
}
