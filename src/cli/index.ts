import { nearestWord } from '../config/nearest-word.ts'
import { quote } from '../config/problem.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { CommandContext } from './command.ts'
import { COMMANDS, type CommandEntry } from './commands.ts'
import { printError } from './print-error.ts'

/**
 * Runs the command that the arguments name and resolves to the exit code; errors are printed. Without a command
 * it is `start`: `kymo`, `kymo --stdout` and `kymo my.yaml` all start.
 */
export async function runCommandLine(context: CommandContext): Promise<number> {
  try {
    const { entry, argv } = chooseCommand(context.argv)
    const command = await entry.load()
    return await command.run({ ...context, argv })
  } catch (error) {
    return printError(error, context)
  }
}

interface Choice {
  readonly entry: CommandEntry
  readonly argv: readonly string[]
}

/** The command comes first, if one is named at all. `--help`, `--version` and `--print-config` turn it into another. */
export function chooseCommand(argv: readonly string[]): Choice {
  const [first = '', ...rest] = argv
  const named = COMMANDS.find(({ name }) => name === first)
  const ownArgv = named === undefined ? argv : rest
  const ownFlags = ownArgv.slice(0, ownArgv.includes('--') ? ownArgv.indexOf('--') : undefined)
  if (ownFlags.includes('--help') || ownFlags.includes('-h')) return { entry: commandNamed('help'), argv: [] }
  if (named === undefined && ownFlags.includes('--version'))
    return { entry: commandNamed('version'), argv: [] }

  if (named === undefined && first !== '' && !looksLikePathOrFlag(first)) throw unknownCommand(first)
  const entry = named ?? commandNamed('start')
  if (entry.name === 'start' && ownFlags.includes('--print-config')) {
    return { entry: commandNamed('print-config'), argv: ownArgv }
  }
  return { entry, argv: ownArgv }
}

/** A file is told from a misspelt command by a dot or a slash in it. */
function looksLikePathOrFlag(word: string): boolean {
  return word.startsWith('-') || /[./\\]/.test(word)
}

function unknownCommand(word: string): KymoError {
  const nearest = nearestWord(
    word,
    COMMANDS.map(({ name }) => name),
  )
  const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`
  const problem = `there is no command ${quote(word)}${hint}; to name a file, write ${quote(`./${word}`)}`
  return new KymoError('usage', { problem })
}

function commandNamed(wanted: string): CommandEntry {
  const entry = COMMANDS.find(({ name }) => name === wanted)
  if (entry === undefined) throw new Error(`BUG: the command ${wanted} is not in the table`)
  return entry
}
