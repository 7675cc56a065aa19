import { loadConfig, type LoadedConfig } from '../config/load.ts'
import { escapeForTerminal } from '../telemetry/log.ts'
import type { CommandContext } from './command.ts'
import { printWarnings } from './print-error.ts'
import { createStyle } from './style.ts'

/** Says whether Kymo would start with this configuration. Opens nothing; a broken one is thrown, with all its problems. */
export function run({ argv, env, cwd, stdout, stderr }: CommandContext): Promise<number> {
  const loaded = loadConfig({ command: 'check-config', argv, env, cwd })
  printWarnings(loaded.warnings, { stderr, env })
  const style = createStyle(stdout, env)
  stdout.write(`${style.green('ok')}: ${escapeForTerminal(summarize(loaded))}\n`)
  return Promise.resolve(0)
}

function summarize({ settings, configFile, config }: LoadedConfig): string {
  const file = configFile === undefined ? 'no configuration file' : `"${configFile}"`
  const setCount = settings.filter(({ source }) => source.kind !== 'default').length
  const values = setCount === 0 ? 'defaults only' : `${setCount} of ${settings.length} values set`
  const sinks =
    config.sinks.length === 0 ? 'no sinks' : `sinks: ${config.sinks.map(({ name }) => name).join(', ')}`
  const store = config.store.enabled ? `data in "${config.store.path}"` : 'nothing kept'
  return `${file}, ${values}; ${store}; ${sinks}.`
}
