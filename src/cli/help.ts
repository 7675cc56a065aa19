import { FLAGS, type Flag } from '../config/flags.ts'
import { listOptions } from '../config/option-table.ts'
import { describeSchema } from '../config/schema-node.ts'
import { configSchema } from '../config/schema.ts'
import { readVersion } from '../config/version.ts'
import type { CommandContext } from './command.ts'
import { COMMANDS, COMMANDS_WITH_HELP } from './commands.ts'

export function run({ argv, stdout }: CommandContext): Promise<number> {
  const command = COMMANDS.find(({ name }) => name === argv[0] && COMMANDS_WITH_HELP.includes(name))
  stdout.write(command === undefined ? renderHelp(readVersion()) : renderCommandHelp(command))
  return Promise.resolve(0)
}

function renderCommandHelp({ name, summary, parameters }: (typeof COMMANDS)[number]): string {
  const flags = describeFlags().filter(({ flag }) => flag.commands?.includes(name) === true)
  const rows = flags.map((described) => [renderFlag(described.flag), described.summary] as const)
  return [summary, '', `Usage: kymo ${name} ${parameters}`, '', ...renderTable(rows), ''].join('\n')
}

/** Of a command that has its own help, and of no other. */
function isShownApart({ commands }: Flag): boolean {
  return commands?.every((name) => COMMANDS_WITH_HELP.includes(name)) === true
}

/** One screen. Made from the tables of commands and flags and the descriptions of options. */
export function renderHelp(version: string): string {
  const commands = COMMANDS.map(({ name, summary }) => [name, summary] as const)
  const flags = describeFlags()
    .filter(({ flag }) => !isShownApart(flag))
    .map(({ flag, summary, defaultValue }) => {
      const suffix = defaultValue === undefined ? '' : ` [${defaultValue}]`
      return [renderFlag(flag), summary + suffix] as const
    })
  const width = Math.max(...[...commands, ...flags].map(([left]) => left.length))
  const table = (rows: Rows): string[] => renderTable(rows, width)
  return [
    `kymo ${version}: metrics received, aggregated, kept, queried, drawn and passed on.`,
    '',
    'Usage: kymo [COMMAND] [CONFIG] [flags]',
    '',
    'Commands:',
    ...table(commands),
    '',
    'Flags:',
    ...table(flags),
    '',
    'CONFIG is a YAML file; if none is named, ./kymo.yaml is read where there is one. A flag wins over',
    'its variable (--http-port: KYMO_HTTP_PORT), that over the file, and the file over the default.',
    '',
    'Examples: kymo --stdout --flush-interval 1s',
    '          kymo check-config /etc/kymo.yaml && kymo /etc/kymo.yaml --data /var/lib/kymo',
    '',
  ].join('\n')
}

type Rows = readonly (readonly [left: string, right: string])[]

function renderTable(rows: Rows, width = Math.max(...rows.map(([left]) => left.length))): string[] {
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}

export interface DescribedFlag {
  readonly flag: Flag
  /** One sentence. */
  readonly summary: string
  /** Of a flag that takes a value. */
  readonly defaultValue: string | number | undefined
}

export function describeFlags(): DescribedFlag[] {
  const options = new Map(
    listOptions(describeSchema(configSchema)).map((option) => [option.key, option.node]),
  )
  return FLAGS.map((flag) => {
    const node = options.get(flag.key ?? '')
    const summary = flag.summary ?? firstSentence(node?.description ?? '')
    return {
      flag,
      summary,
      defaultValue: flag.value === undefined ? undefined : (node?.default as string | number | undefined),
    }
  })
}

export function renderFlag({ name, value }: Flag): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`
}

function firstSentence(text: string): string {
  return /^.*?[.;](?=\s|$)/.exec(text)?.[0].replace(/;$/, '.') ?? text
}
