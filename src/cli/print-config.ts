import { loadConfig } from '../config/load.ts'
import type { Setting } from '../config/settings.ts'
import { formatSource } from '../config/source.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import type { CommandContext } from './command.ts'
import { printWarnings } from './print-error.ts'
import { createStyle, type Style } from './style.ts'

/** Prints each value in force and where it came from; secrets are not shown. */
export function run({ argv, env, cwd, stdout, stderr }: CommandContext): Promise<number> {
  const loaded = loadConfig({ command: 'print-config', argv, env, cwd })
  printWarnings(loaded.warnings, { stderr, env })
  const text = loaded.flags.given.has('json')
    ? renderJson(loaded.settings)
    : renderColumns(loaded.settings, createStyle(stdout, env))
  stdout.write(text)
  return Promise.resolve(0)
}

/** `from` is for people, `source` for programs. */
function renderJson(settings: readonly Setting[]): string {
  const options = settings.map(({ key, value, source }) => ({
    key,
    value: value ?? null,
    from: formatSource(source),
    source,
  }))
  return `${JSON.stringify({ options }, null, 2)}\n`
}

/** Three columns: key, value, source. Defaults are dim, so that what was set stands out. */
function renderColumns(settings: readonly Setting[], style: Style): string {
  const rows = settings.map(({ key, value, source }) => ({
    key: escapeForTerminal(key),
    value: escapeForTerminal(renderValue(value)),
    source,
  }))
  const keyWidth = Math.max(...rows.map(({ key }) => key.length))
  const valueWidth = Math.min(WIDEST_VALUE, Math.max(...rows.map(({ value }) => value.length)))
  return rows
    .map(({ key, value, source }) => {
      const line = `${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${escapeForTerminal(formatSource(source))}`
      return `${source.kind === 'default' ? style.dim(line) : line}\n`
    })
    .join('')
}

/** A longer value pushes its own line's source to the right, not everybody's. */
const WIDEST_VALUE = 40

function renderValue(value: unknown): string {
  if (value === undefined) return '-'
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value)
}
