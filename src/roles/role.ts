import type { ReloadReport, StatusReport } from '../api/services.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { ReloadedConfig } from '../config/reload.ts'
import type { Setting } from '../config/settings.ts'
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
  /** What is in force, to be shown; secrets redacted. */
  readonly settings: readonly Setting[]
  /** Reads the configuration again, without any effect; undefined: nothing has been reloaded since the start. Throws KymoErrors. */
  readonly readAgain: (running: LoadedConfig | undefined) => ReloadedConfig
  /** Called once, with the first metric taken in since the start. */
  readonly onFirstMetric: (metric: FirstMetric & { readonly afterMs: number }) => void
  /** How a thread is started; tests look on. */
  readonly spawn?: typeof spawnWorker
}

/** A role that runs. */
export interface Running {
  status(): StatusReport
  /** Reads the configuration again and changes what can change; see `ApiServices.reload`. */
  reload(): Promise<ReloadReport>
  /** Takes nothing more in, keeps or passes on what it has, and ends. */
  stop(): Promise<void>
}
