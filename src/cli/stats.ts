import { loadConfig } from '../config/load.ts'
import { readStoreStats } from '../store/index.ts'
import type { CommandContext } from './command.ts'
import { dataArgument } from './data-argument.ts'
import { printWarnings } from './print-error.ts'
import { renderStats } from './render-stats.ts'
import { createStyle } from './style.ts'

/**
 * What a data directory holds, and how small: `kymo stats [DIR] [--verbose] [--json]`. It only reads, so Kymo may be running
 * on it.
 */
export function run({ argv, env, cwd, stdout, stderr }: CommandContext): Promise<number> {
  const { config, flags, warnings } = loadConfig({
    command: 'stats',
    argv: dataArgument(argv, cwd),
    env,
    cwd,
  })
  printWarnings(warnings, { stderr, env })
  const stats = readStoreStats(config.store.path)
  if (flags.given.has('json')) stdout.write(`${JSON.stringify(stats, null, 2)}\n`)
  else stdout.write(renderStats(stats, createStyle(stdout, env), flags.given.has('verbose')))
  return Promise.resolve(0)
}
