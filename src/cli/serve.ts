import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '../config/load.ts'
import { reloadConfig } from '../config/reload.ts'
import { readVersion } from '../config/version.ts'
import { startAllInOne } from '../roles/all-in-one.ts'
import { createLog } from '../telemetry/log.ts'
import type { PreloadedWorkers } from '../workers/preloaded-workers.ts'
import { announceFirstMetric, announceReady, type FirstMetricNews } from './announcement.ts'
import type { CommandContext } from './command.ts'
import type { Hangups } from './hangups.ts'
import { printWarnings } from './print-error.ts'
import { stopSignals } from './stop-signals.ts'

export interface Beginnings {
  /** Of a service, which is asked to reload by them. */
  readonly hangups: Hangups | undefined
  readonly workers: PreloadedWorkers
}

/** What `start` does with what it has begun. */
export async function serve(context: CommandContext, { hangups, workers }: Beginnings): Promise<number> {
  const { argv, env, cwd, hasTerminal, stderr } = context
  const request = { command: 'start', argv, env, cwd, coreCount: availableParallelism() }
  const loaded = loadConfig(request)
  const { config, settings, warnings } = loaded
  printWarnings(warnings, context)
  const isTerminal = stderr.isTTY === true
  const log = createLog({ level: config.log.level, isTerminal }, 'main')
  const signals = stopSignals(hasTerminal ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM'])

  // The first metric may come before everything else is ready; it is announced after that.
  const firstMetric = Promise.withResolvers<FirstMetricNews>()
  const starting = startAllInOne(config, {
    log,
    isTerminal,
    version: readVersion(),
    settings,
    readAgain: (running = loaded) => reloadConfig(running, request),
    webRoot: fileURLToPath(new URL('../../dist/web/', import.meta.url)),
    onFirstMetric: firstMetric.resolve,
    spawn: (name, setup) => workers.spawn(name, setup),
  })
  // Told to stop while it is still starting: hardly anything has been taken in, and a slow start must not be waited for.
  const running = await Promise.race([starting, signals.first])
  if (running === undefined) return 0
  stderr.write(announceReady(running.status(), isTerminal))
  void firstMetric.promise.then((news) =>
    stderr.write(announceFirstMetric(news, running.status(), isTerminal)),
  )
  // What is wrong with the configuration is in the log; one that comes while it stops has nothing to change.
  hangups?.listen(() => void running.reload().catch(() => {}))

  await signals.first
  log.info('stopping')
  return await Promise.race([running.stop().then(() => 0), signals.second])
}
