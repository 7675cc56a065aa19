import { parseArgs } from 'node:util'
import { KymoError } from '../telemetry/errors.ts'
import { nearestWord } from '../lib/nearest-word.ts'
import { quote } from './problem.ts'

/** One flag of the command line. What it says of itself in `--help` is its option's description, if it sets one. */
export interface Flag {
  readonly name: string
  /** One letter that does for the name: `-o`. */
  readonly short?: string
  /** Placeholder of its value: `--data DIR`. Without one the flag is a switch. */
  readonly value?: string
  /** The option it sets; for a switch, to `true` or what `sets` says. */
  readonly key?: string
  readonly sets?: boolean
  /** Instead of the description of the option. */
  readonly summary?: string
  /** May not be given together with this one. */
  readonly excludes?: string
  /** The commands that take it; if not given, all that read the configuration. */
  readonly commands?: readonly string[]
}

export const FLAGS: readonly Flag[] = [
  { name: 'data', value: 'DIR', key: 'store.path', excludes: 'no-store' },
  {
    name: 'no-store',
    key: 'store.enabled',
    sets: false,
    summary: 'Keep nothing: aggregate and pass on only.',
  },
  { name: 'flush-interval', value: '10s', key: 'flush.interval' },
  { name: 'receivers', value: 'N', key: 'receivers' },
  { name: 'receiver', value: 'KIND', key: 'receiver' },
  { name: 'stdout', summary: 'Print each flush on stdout.', excludes: 'stderr' },
  { name: 'stderr', summary: 'Print each flush on stderr.' },
  { name: 'statsd-port', value: 'N', key: 'statsd.port' },
  { name: 'graphite-port', value: 'N', key: 'graphite.port' },
  { name: 'admin-port', value: 'N', key: 'admin.port' },
  { name: 'http-port', value: 'N', key: 'http.port' },
  { name: 'listen', value: 'ADDR', key: 'listen' },
  { name: 'http-listen', value: 'ADDR', key: 'http.listen' },
  { name: 'insecure-open', key: 'http.insecure_open', sets: true },
  {
    name: 'storage-schemas',
    value: 'FILE',
    key: 'store.schemas',
    summary: "Keep series as carbon's storage-schemas.conf says.",
  },
  {
    name: 'storage-aggregation',
    value: 'FILE',
    key: 'store.aggregation',
    summary: 'And roll them up as its storage-aggregation.conf says.',
  },
  { name: 'log-level', value: 'LEVEL', key: 'log.level' },
  {
    name: 'print-config',
    summary: 'Print each value and where it came from, and end.',
    commands: ['start', 'print-config'],
  },
  {
    name: 'explain',
    value: 'NAME',
    summary: 'Let check-config say what becomes of a metric, and why.',
    commands: ['check-config'],
  },
  {
    name: 'json',
    summary:
      'Let print-config, --explain, rules, stats, verify, explain, tap, import, delete or backup print JSON.',
    commands: [
      'print-config',
      'check-config',
      'rules',
      'stats',
      'verify',
      'explain',
      'tap',
      'import',
      'delete',
      'backup',
    ],
  },
  {
    name: 'url',
    value: 'URL',
    summary:
      'Let query, check, explain, graph, tap, import, export, delete, backup and rules talk to the Kymo there. [the one of --http-port, if it runs]',
    commands: ['query', 'check', 'explain', 'graph', 'tap', 'import', 'export', 'delete', 'backup', 'rules'],
    excludes: 'data',
  },
  {
    name: 'stage',
    value: 'STAGE',
    summary:
      'Where tap looks: received, aggregated, stored, or sent:NAME for what a sink has taken. [received]',
    commands: ['tap'],
  },
  { name: 'limit', value: 'N', summary: 'Let tap end after so many.', commands: ['tap'] },
  {
    name: 'dry-run',
    summary: 'Let import read everything, and say what it would move in.',
    commands: ['import'],
  },
  {
    name: 'resume',
    summary: 'Let import whisper go on where it was interrupted.',
    commands: ['import'],
  },
  {
    name: 'journal',
    value: 'FILE',
    summary: 'Where import whisper notes how far it is. [kymo-import.journal]',
    commands: ['import'],
  },
  {
    name: 'as-of',
    value: 'TIME',
    summary:
      'Let import whisper see the files as they were seen then: an old copy keeps its fine points. [now]',
    commands: ['import'],
  },
  {
    name: 'pattern',
    value: 'GLOB',
    summary: 'Let export write these series only: a Graphite glob, or the key of a tagged series.',
    commands: ['export'],
  },
  {
    name: 'from',
    value: 'TIME',
    summary:
      'Let export or delete begin there: epoch seconds, or 2026-01-31T12:00:00Z. To query, explain and graph it may be -1h and the like, too. [-1h]',
    commands: ['query', 'check', 'explain', 'graph', 'export', 'delete'],
  },
  {
    name: 'until',
    value: 'TIME',
    summary: 'And end there, inclusive.',
    commands: ['query', 'check', 'explain', 'graph', 'export', 'delete'],
  },
  {
    name: 'warning',
    short: 'w',
    value: 'RANGE',
    summary: 'When check says WARNING: outside 0 to 10 is 10; 10:20, 10:, ~:10 and @10:20 are ranges, too.',
    commands: ['check'],
  },
  {
    name: 'critical',
    short: 'c',
    value: 'RANGE',
    summary: 'When check says CRITICAL.',
    commands: ['check'],
  },
  {
    name: 'format',
    value: 'FORMAT',
    summary: 'Let query print a table, spark lines, json or csv. [table]',
    commands: ['query'],
  },
  {
    name: 'output',
    short: 'o',
    value: 'FILE',
    summary: 'Where graph puts its image: a .png, an .svg, or - for stdout. Or -o.',
    commands: ['graph'],
  },
  {
    name: 'parameters',
    value: 'QUERY',
    summary:
      "How graph draws, as the parameters of /render in docs/reference/api.md: 'title=Requests&areaMode=stacked'.",
    commands: ['graph'],
  },
  {
    name: 'tags',
    value: 'EXPRESSION',
    summary: 'Let delete take series of these tags: `env=staging`, several with commas between.',
    commands: ['delete'],
  },
  { name: 'yes', summary: 'Let delete do it, and not only say what would go.', commands: ['delete'] },
  { name: 'verbose', summary: 'Let stats list each file.', commands: ['stats'] },
  {
    name: 'by-prefix',
    value: 'N',
    summary: 'Let stats say which names take the most space, by their first N nodes.',
    commands: ['stats'],
  },
  {
    name: 'repair',
    summary: 'Let verify put damaged files aside and keep what can be read of them.',
    commands: ['verify'],
  },
]

export interface GivenFlags {
  /** By name, without dashes: the text of its value, or `true` for a switch. Of a repeated flag the last one. */
  readonly given: ReadonlyMap<string, string | true>
  readonly positionals: readonly string[]
}

/** Reads the arguments behind the command. Throws the KymoError `usage`. */
export function readFlags(argv: readonly string[], command: string, flags = FLAGS): GivenFlags {
  const known = new Map(flags.filter((flag) => isFor(flag, command)).map((flag) => [flag.name, flag]))
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      [...known.values()].map((flag) => [
        flag.name,
        {
          type: flag.value === undefined ? 'boolean' : 'string',
          ...(flag.short === undefined ? {} : { short: flag.short }),
        },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })

  const given = new Map<string, string | true>()
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind === 'option') given.set(token.name, readValue(token, known))
  }
  for (const name of given.keys()) {
    const excluded = known.get(name)?.excludes
    if (excluded !== undefined && given.has(excluded))
      throw usage(`--${name} and --${excluded} exclude each other`)
  }
  return { given, positionals }
}

export function usage(problem: string): KymoError {
  return new KymoError('usage', { problem })
}

export function isFor(flag: Flag, command: string): boolean {
  return flag.commands === undefined || flag.commands.includes(command)
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function readValue(token: OptionToken, known: ReadonlyMap<string, Flag>): string | true {
  const named = known.get(token.name)
  const flag = token.rawName.startsWith('--') || token.rawName === `-${named?.short}` ? named : undefined
  if (flag === undefined) {
    const nearest = nearestWord(token.name, known.keys())
    const hint = nearest === undefined ? '' : ` (did you mean --${nearest}?)`
    throw usage(`there is no flag ${quote(token.rawName)}${hint}`)
  }
  if (flag.value === undefined) {
    if (token.inlineValue === true) throw usage(`--${flag.name} takes no value`)
    return true
  }
  // `--data --no-store`: the value was forgotten. A negative number is a value, if a wrong one, and so is `-`, which means stdout.
  const isForgotten = token.value === undefined || token.value === '' || looksLikeFlag(token)
  if (isForgotten) throw usage(`--${flag.name} needs a value: --${flag.name} ${flag.value}`)
  return token.value ?? ''
}

function looksLikeFlag({ value, inlineValue }: OptionToken): boolean {
  return inlineValue !== true && value !== undefined && /^-(?![0-9]|$)/.test(value)
}
