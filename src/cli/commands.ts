interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** What follows the name. */
  readonly parameters: string
}

/** Every command, as help and the reference list them. What each does is loaded in index.ts. */
export const COMMANDS = [
  {
    name: 'start',
    summary: 'Receive, aggregate, keep, answer and pass on. The default.',
    parameters: '[CONFIG] [flags]',
  },
  {
    name: 'check-config',
    summary: 'Say whether the configuration is right, and list every problem.',
    parameters: '[CONFIG] [flags] [--explain NAME [--json]]',
  },
  {
    name: 'print-config',
    summary: 'Print each value and where it came from.',
    parameters: '[CONFIG] [flags] [--json]',
  },
  {
    name: 'rules',
    summary: 'Say which series each rule of keeping catches, and what others change.',
    parameters:
      '[CONFIG] [--storage-schemas FILE] [--storage-aggregation FILE] [--json] [--url URL | --data DIR]',
  },
  {
    name: 'stats',
    summary: 'Say what is kept, and in how little space.',
    parameters: '[DIR | CONFIG] [--data DIR] [--by-prefix N] [--verbose] [--json]',
  },
  {
    name: 'verify',
    summary: 'Read all that is kept of points, and say what is damaged.',
    parameters: '[DIR | CONFIG] [--data DIR] [--repair] [--json]',
  },
  {
    name: 'query',
    summary: 'Evaluate targets, and print their points.',
    parameters:
      'TARGET ... [--from TIME] [--until TIME] [--format table|spark|json|csv] [--url URL | --data DIR]',
  },
  {
    name: 'check',
    summary: 'Judge the newest value of targets, as a plugin of Nagios.',
    parameters:
      'TARGET ... [--warning RANGE] [--critical RANGE] [--from TIME] [--until TIME] [--url URL | --data DIR]',
  },
  {
    name: 'explain',
    summary: 'Say what a query evaluates, and how much of it.',
    parameters: 'TARGET ... [--from TIME] [--until TIME] [--json] [--url URL | --data DIR]',
  },
  {
    name: 'graph',
    summary: 'Draw targets, as PNG or SVG.',
    parameters:
      'TARGET ... -o FILE [--from TIME] [--until TIME] [--parameters QUERY] [--url URL | --data DIR]',
  },
  {
    name: 'tap',
    summary: 'Show what passes through a running Kymo, as it passes.',
    parameters: '[PATTERN] [--stage received|aggregated|stored|sent:NAME] [--limit N] [--json] [--url URL]',
  },
  {
    name: 'import',
    summary: 'Move points in: whisper files, lines of Graphite, CSV.',
    parameters: 'whisper DIR | carbon-lines FILE | csv FILE [--dry-run] [--resume] [--url URL | --data DIR]',
  },
  {
    name: 'export',
    summary: 'Move points out, as the same.',
    parameters:
      'whisper DIR | carbon-lines | csv [--pattern GLOB] [--from TIME] [--until TIME] [--url URL | --data DIR]',
  },
  {
    name: 'delete',
    summary: 'Delete points of series, after saying what would go.',
    parameters:
      '[GLOB ...] [--tags EXPRESSION] [--from TIME] [--until TIME] [--yes] [--json] [--url URL | --data DIR]',
  },
  {
    name: 'backup',
    summary: 'Make a backup of all points and events, while Kymo runs or not.',
    parameters: 'DIR [--json] [--url URL | --data DIR]',
  },
  {
    name: 'restore',
    summary: 'Make a data directory of a backup.',
    parameters: 'BACKUP [--data DIR]',
  },
  { name: 'help', summary: 'Print this.', parameters: '' },
  { name: 'version', summary: 'Print the version.', parameters: '' },
] as const satisfies readonly CommandEntry[]

export type CommandName = (typeof COMMANDS)[number]['name']

/** What only these take is not on the screen of all: `kymo import --help` shows it. */
export const COMMANDS_WITH_HELP: readonly string[] = COMMANDS.map(({ name }) => name).filter(
  (name) => !['start', 'help', 'version'].includes(name),
)
