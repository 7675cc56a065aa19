import { fileURLToPath } from 'node:url'
import { loadConfig } from '../config/load.ts'
import { VERSION } from '../config/version.ts'
import { startAllInOne } from '../roles/all-in-one.ts'
import type { Running } from '../roles/role.ts'
import { createLog } from '../telemetry/log.ts'
import { announceFirstMetric, announceReady } from './announcement.ts'
import type { CommandContext } from './command.ts'
import { printWarnings } from './print-error.ts'
import { stopSignals } from './stop-signals.ts'

/** Runs until it is told to stop. Resolves to 0 after a clean stop, and to 128 + the signal after an impatient one. */
export async function run(context: CommandContext): Promise<number> {
  const { argv, env, cwd, stderr } = context
  const { config, warnings } = loadConfig({ command: 'start', argv, env, cwd })
  printWarnings(warnings, context)
  const isTerminal = stderr.isTTY === true
  const log = createLog({ level: config.log.level, isTerminal }, 'main')
  const signals = stopSignals()

  // The first metric may come before everything else is ready; it is announced after.
  let tellFirstMetric: (() => void) | undefined
  let running: Running | undefined
  running = await startAllInOne(config, {
    log,
    isTerminal,
    version: VERSION,
    webRoot: fileURLToPath(new URL('../../dist/web/', import.meta.url)),
    onFirstMetric(news) {
      tellFirstMetric = () => {
        if (running !== undefined) stderr.write(announceFirstMetric(news, running.status(), isTerminal))
      }
      tellFirstMetric()
    },
  })
  stderr.write(announceReady(running.status(), isTerminal))
  if (running.status().firstMetric !== null) tellFirstMetric?.()

  await signals.first
  log.info('stopping')
  return await Promise.race([running.stop().then(() => 0), signals.second])
}
