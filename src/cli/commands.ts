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
    name: 'stats',
    summary: 'Say what is kept, and in how little space.',
    parameters: '[DIR | CONFIG] [--data DIR] [--verbose] [--json]',
  },
  {
    name: 'verify',
    summary: 'Read all that is kept of points, and say what is damaged.',
    parameters: '[DIR | CONFIG] [--data DIR] [--repair] [--json]',
  },
  {
    name: 'import',
    summary: 'Move points in from files of Graphite, lines or CSV, while Kymo runs or not.',
    parameters: 'whisper DIR | carbon-lines FILE | csv FILE [--dry-run] [--resume] [--url URL | --data DIR]',
  },
  {
    name: 'export',
    summary: 'Write points out as files of Graphite, lines or CSV.',
    parameters:
      'whisper DIR | carbon-lines | csv [--pattern GLOB] [--from TIME] [--until TIME] [--url URL | --data DIR]',
  },
  { name: 'help', summary: 'Print this.', parameters: '' },
  { name: 'version', summary: 'Print the version.', parameters: '' },
] as const satisfies readonly CommandEntry[]

export type CommandName = (typeof COMMANDS)[number]['name']

/** Their flags are too many for the screen of all: `kymo import --help` shows them. */
export const COMMANDS_WITH_HELP: readonly string[] = ['import', 'export'] satisfies CommandName[]
