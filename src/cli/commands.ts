import type { Command } from './command.ts'

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** What follows the name. */
  readonly parameters: string
  /** Each command is loaded when it is run, and no other with it. */
  readonly load: () => Promise<Command>
}

/** Every command. The first is run when none is named. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'start',
    summary: 'Receive, aggregate, keep, answer and pass on. The default.',
    parameters: '[CONFIG] [flags]',
    load: () => import('./start.ts'),
  },
  {
    name: 'check-config',
    summary: 'Say whether the configuration is right, and list every problem.',
    parameters: '[CONFIG] [flags]',
    load: () => import('./check-config.ts'),
  },
  {
    name: 'print-config',
    summary: 'Print each value and where it came from.',
    parameters: '[CONFIG] [flags] [--json]',
    load: () => import('./print-config.ts'),
  },
  { name: 'help', summary: 'Print this.', parameters: '', load: () => import('./help.ts') },
  { name: 'version', summary: 'Print the version.', parameters: '', load: () => import('./version.ts') },
]
