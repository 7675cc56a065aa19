import { fileURLToPath } from 'node:url'
import { loadConfig } from '../config/load.ts'
import { readVersion } from '../config/version.ts'
import { startAllInOne } from '../roles/all-in-one.ts'
import { createLog } from '../telemetry/log.ts'
import { toAdminSettings } from './admin-settings.ts'
import { announceFirstMetric, announceReady, type FirstMetricNews } from './announcement.ts'
import type { CommandContext } from './command.ts'
import { printWarnings } from './print-error.ts'
import { stopSignals } from './stop-signals.ts'

/** Runs until it is told to stop. Resolves to 0 after a clean stop, and to 128 + the signal after an impatient one. */
export async function run(context: CommandContext): Promise<number> {
  const { argv, env, cwd, stderr } = context
  const { config, settings, warnings } = loadConfig({ command: 'start', argv, env, cwd })
  printWarnings(warnings, context)
  const isTerminal = stderr.isTTY === true
  const log = createLog({ level: config.log.level, isTerminal }, 'main')
  const signals = stopSignals()

  // The first metric may come before everything else is ready; it is announced after that.
  const firstMetric = Promise.withResolvers<FirstMetricNews>()
  const starting = startAllInOne(config, {
    log,
    isTerminal,
    version: readVersion(),
    settings: toAdminSettings(settings),
    webRoot: fileURLToPath(new URL('../../dist/web/', import.meta.url)),
    onFirstMetric: firstMetric.resolve,
  })
  // Told to stop while it is still starting: nothing has been taken in, and a slow start must not be waited for.
  const running = await Promise.race([starting, signals.first])
  if (running === undefined) return 0
  stderr.write(announceReady(running.status(), isTerminal))
  void firstMetric.promise.then((news) =>
    stderr.write(announceFirstMetric(news, running.status(), isTerminal)),
  )

  await signals.first
  log.info('stopping')
  return await Promise.race([running.stop().then(() => 0), signals.second])
}
