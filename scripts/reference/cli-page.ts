import { COMMANDS } from '../../src/cli/commands.ts'
import { describeFlags, renderFlag } from '../../src/cli/help.ts'
import { ERROR_CATALOG } from '../../src/telemetry/errors.ts'
import { code, page, table } from './markdown.ts'

export function renderCliPage(): string {
  return page(
    '# Command line',
    '```\nkymo [start] [CONFIG] [flags]\nkymo COMMAND [CONFIG] [flags]\n```',
    'CONFIG is a YAML file ([what it may say](config.md)); if none is named, `./kymo.yaml` is read where there is one. A command, if named, comes first. In a clone it is `npm start -- [CONFIG] [flags]`.',
    'Data is written to stdout, everything else to stderr. Colours are used on a terminal only, and not if `NO_COLOR` is set.',
    '## Commands',
    table(
      ['Command', 'What it does'],
      COMMANDS.map(({ name, parameters, summary }) => [code(`kymo ${name} ${parameters}`.trim()), summary]),
    ),
    '## Flags',
    table(
      ['Flag', 'Meaning', 'Default', 'Option', 'Commands'],
      describeFlags().map(({ flag, summary, defaultValue }) => [
        code(renderFlag(flag)),
        summary,
        code(String(defaultValue ?? '')),
        code(flag.key ?? ''),
        (flag.commands ?? ['start', 'check-config', 'print-config']).join(', '),
      ]),
    ),
    '`--data` excludes `--no-store`, and `--stdout` excludes `--stderr`. Of a flag given twice the last counts. `--help` and `--version` do as the commands.',
    '## Exit codes',
    'A public contract: a code never changes its meaning.',
    table(['Code', 'When'], exitCodes()),
  )
}

function exitCodes(): string[][] {
  const byCode = new Map<number, string[]>([[0, []]])
  for (const [name, entry] of Object.entries(ERROR_CATALOG)) {
    const exitCode = 'exitCode' in entry ? entry.exitCode : undefined
    if (exitCode !== undefined) byCode.set(exitCode, [...(byCode.get(exitCode) ?? []), name])
  }
  byCode.set(70, ['internal'])
  return [...byCode]
    .toSorted(([a], [b]) => a - b)
    .map(([exitCode, names]) => [
      String(exitCode),
      names.length === 0 ? 'all went well' : names.map((name) => `[${name}](errors.md#${name})`).join(', '),
    ])
}
