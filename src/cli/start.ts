import { PreloadedWorkers } from '../workers/preloaded-workers.ts'
import type { CommandContext } from './command.ts'
import { takeHangups } from './hangups.ts'

/**
 * Runs until it is told to stop. Resolves to 0 after a clean stop, and to 128 + the signal after an impatient one.
 *
 * SIGHUP stops it where it was started from a terminal, for then the terminal is gone. A service is asked to reload by it.
 */
export async function run(context: CommandContext): Promise<number> {
  const hangups = context.hasTerminal ? undefined : takeHangups()
  // The thread whose sockets must not be waited for, before all that is loaded to read a configuration.
  const workers = new PreloadedWorkers([['receiver', 'shard-1']])
  const { serve } = await import('./serve.ts')
  return await serve(context, { hangups, workers })
}
