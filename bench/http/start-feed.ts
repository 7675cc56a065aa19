import { join } from 'node:path'
import { type Child, startChild } from '../ingest/child.ts'

export interface FeedOptions {
  readonly graphitePort: number
  readonly statsdPort: number
  readonly hosts: number
  /** Of each host: its load, and others. */
  readonly metrics: number
  /** When the first of all steps was. */
  readonly startMs: number
  /** The first that is sent: what was missed until now comes at once, of the loads alone. */
  readonly firstStep: number
}

const CATCH_UP_DEADLINE_MS = 60_000

/** Resolves once it sends what is measured now. */
export async function startFeed(options: FeedOptions): Promise<Child & AsyncDisposable> {
  const child = startChild(process.execPath, [join(import.meta.dirname, 'feed.ts'), JSON.stringify(options)])
  await child.said(/^current$/m, CATCH_UP_DEADLINE_MS)
  return Object.assign(child, { [Symbol.asyncDispose]: () => child.stop('SIGKILL') })
}
