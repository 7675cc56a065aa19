import { usage } from '../config/flags.ts'
import { loadConfig } from '../config/load.ts'
import { readStoreStats } from '../store/index.ts'
import type { CommandContext } from './command.ts'
import { dataArgument } from './data-argument.ts'
import { printWarnings } from './print-error.ts'
import { renderStats } from './render-stats.ts'
import { createStyle } from './style.ts'

/**
 * What a data directory holds, and how small: `kymo stats [DIR] [--by-prefix N] [--verbose] [--json]`. It only reads, so Kymo may be running
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
  const stats = readStoreStats(config.store.path, { prefixNodes: readNodes(flags.given.get('by-prefix')) })
  if (flags.given.has('json')) stdout.write(`${JSON.stringify(stats, null, 2)}\n`)
  else stdout.write(renderStats(stats, createStyle(stdout, env), flags.given.has('verbose')))
  return Promise.resolve(0)
}

function readNodes(given: string | true | undefined): number | undefined {
  if (given === undefined) return undefined
  const nodes = /^[1-9][0-9]?$/.test(String(given)) ? Number(given) : undefined
  if (nodes === undefined) throw usage(`--by-prefix: "${given}" is no number of nodes from 1 to 99`)
  return nodes
}
