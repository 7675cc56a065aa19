import type { Clock } from '../lib/clock.ts'
import { KymoError, reasonOf } from '../telemetry/errors.ts'
import type { Log } from '../telemetry/log.ts'
import { type CommandContext, COMMANDS } from './commands.ts'

/** Long enough for a busy keeper, short enough for a monitor. */
const COMMAND_TIMEOUT_MS = 5_000

/**
 * The answer to one line; undefined ends the connection. An empty line is no command. What fails or takes too long is
 * answered by a line that begins with ERROR; then a command that deletes may still have its effect.
 */
export async function answerLine(
  line: string,
  context: CommandContext & { readonly log: Log },
): Promise<string | undefined> {
  const [name = '', ...words] = line.trim().split(' ')
  if (name === '') return ''
  const command = COMMANDS.get(name)
  if (command === undefined) return 'ERROR\n'
  const { clock, log } = context
  try {
    const answer = Promise.resolve(command(words, context))
    return await Promise.race([answer, tooLate(clock, answer)])
  } catch (err) {
    if (err instanceof KymoError) return `ERROR: ${err.message.split('\n', 1)[0]}\n`
    log.error({ command: name, reason: reasonOf(err) }, 'BUG: a command of the admin console failed')
    return 'ERROR: internal error; the log has more\n'
  }
}

/** What is answered if the command is not done in time. */
function tooLate(clock: Clock, answer: Promise<unknown>): Promise<string> {
  return new Promise((resolve) => {
    const text = `ERROR: not done within ${COMMAND_TIMEOUT_MS / 1000} seconds\n`
    const timer = clock.after(COMMAND_TIMEOUT_MS, () => resolve(text))
    const cancel = (): void => timer.cancel()
    answer.then(cancel, cancel)
  })
}
