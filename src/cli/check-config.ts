import { usage } from '../config/flags.ts'
import { checkModules } from '../config/check-modules.ts'
import { directoryOf, loadConfig, type LoadedConfig } from '../config/load.ts'
import { configInvalid } from '../config/problem.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import type { CommandContext } from './command.ts'
import { explainMetric } from './explain-metric.ts'
import { printWarnings } from './print-error.ts'
import { renderExplanation } from './render-explanation.ts'
import { createStyle } from './style.ts'

/**
 * Says whether Kymo would start with this configuration, or with `--explain` what would become of a metric. Opens nothing; a
 * broken configuration is thrown, with all its problems.
 */
export function run({ argv, env, cwd, stdout, stderr }: CommandContext): Promise<number> {
  const loaded = loadConfig({ command: 'check-config', argv, env, cwd })
  const problems = checkModules(loaded, directoryOf(cwd, loaded.configFile))
  if (problems.length > 0) throw configInvalid(problems)
  printWarnings(loaded.warnings, { stderr, env })
  const style = createStyle(stdout, env)
  const { given } = loaded.flags
  const metric = given.get('explain')
  if (typeof metric === 'string') {
    const explanations = explainMetric({ text: metric, ...loaded })
    const json = `${JSON.stringify({ name: metric, explanations }, null, 2)}\n`
    stdout.write(given.has('json') ? json : renderExplanation(explanations, style))
    return Promise.resolve(0)
  }
  if (given.has('json')) throw usage('--json goes with --explain')
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
