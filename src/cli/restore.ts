import path from 'node:path'
import { readFlags, usage } from '../config/flags.ts'
import { loadConfig } from '../config/load.ts'
import { restoreStore } from '../store/index.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import type { CommandContext } from './command.ts'
import { withoutWords } from './open-command-peer.ts'
import { printWarnings } from './print-error.ts'
import { createStyle } from './style.ts'

/** Makes a data directory of a backup, having read every byte of it: `kymo restore BACKUP [--data DIR]`. */
export function run({ argv, env, cwd, stdout, stderr }: CommandContext): Promise<number> {
  const flags = readFlags(argv, 'restore')
  const [backup, ...others] = flags.positionals
  if (backup === undefined || others.length > 0)
    throw usage('restore needs to know of what: kymo restore BACKUP [--data DIR]')
  const { config, warnings } = loadConfig({ command: 'restore', argv: withoutWords(flags), env, cwd })
  printWarnings(warnings, { stderr, env })
  const report = restoreStore(path.resolve(cwd, backup), config.store.path)
  const style = createStyle(stdout, env)
  const { seriesCount, pointCount } = report
  stdout.write(
    `${style.green('ok')}: ${seriesCount.toLocaleString('en-US')} series and ${pointCount.toLocaleString('en-US')} points as they came are in ${escapeForTerminal(config.store.path)}. Start Kymo on it.\n`,
  )
  return Promise.resolve(0)
}
