import { nearestWord } from '../lib/nearest-word.ts'
import { quote } from '../config/problem.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { Command, CommandContext } from './command.ts'
import { type CommandName, COMMANDS, COMMANDS_WITH_HELP } from './commands.ts'
import { printError } from './print-error.ts'

/** Each command is loaded when it is run, and no other with it. */
const LOADERS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  start: () => import('./start.ts'),
  'check-config': () => import('./check-config.ts'),
  'print-config': () => import('./print-config.ts'),
  rules: () => import('./rules.ts'),
  stats: () => import('./stats.ts'),
  verify: () => import('./verify.ts'),
  query: () => import('./query.ts'),
  check: () => import('./check.ts'),
  explain: () => import('./explain.ts'),
  graph: () => import('./graph.ts'),
  tap: () => import('./tap.ts'),
  import: () => import('./import.ts'),
  export: () => import('./export.ts'),
  delete: () => import('./delete.ts'),
  backup: () => import('./backup.ts'),
  restore: () => import('./restore.ts'),
  help: () => import('./help.ts'),
  version: () => import('./version.ts'),
}

/**
 * Runs the command that the arguments name and resolves to the exit code; errors are printed. Without a command
 * it is `start`: `kymo`, `kymo --stdout` and `kymo my.yaml` all start.
 */
export async function runCommandLine(context: CommandContext): Promise<number> {
  try {
    const { name, argv } = chooseCommand(context.argv)
    const command = await LOADERS[name]()
    return await command.run({ ...context, argv })
  } catch (error) {
    return printError(error, context)
  }
}

interface Choice {
  readonly name: CommandName
  readonly argv: readonly string[]
}

/** The command comes first, if one is named at all. `--help`, `--version` and `--print-config` turn it into another. */
export function chooseCommand(argv: readonly string[]): Choice {
  const [first = '', ...rest] = argv
  const named = COMMANDS.find(({ name }) => name === first)?.name
  const ownArgv = named === undefined ? argv : rest
  const ownFlags = ownArgv.slice(0, ownArgv.includes('--') ? ownArgv.indexOf('--') : undefined)
  if (ownFlags.includes('--help') || ownFlags.includes('-h'))
    return { name: 'help', argv: COMMANDS_WITH_HELP.includes(first) ? [first] : [] }
  if (named === undefined && ownFlags.includes('--version')) return { name: 'version', argv: [] }

  if (named === undefined && first !== '' && !looksLikePathOrFlag(first)) throw unknownCommand(first)
  const name = named ?? 'start'
  const isOnlyPrinted = name === 'start' && ownFlags.includes('--print-config')
  return { name: isOnlyPrinted ? 'print-config' : name, argv: ownArgv }
}

/** A file is told from a misspelt command by a dot or a slash in it. */
function looksLikePathOrFlag(word: string): boolean {
  return word.startsWith('-') || /[./\\]/.test(word)
}

function unknownCommand(word: string): KymoError {
  const names = COMMANDS.map(({ name }) => name)
  const nearest = nearestWord(word, names)
  const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`
  const problem = `there is no command ${quote(word)}${hint}; to name a file, write ${quote(`./${word}`)}`
  return new KymoError('usage', { problem })
}
