import { KymoError, reasonOf } from '../telemetry/errors.ts'
import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import type { CommandContext } from './command.ts'
import { createStyle } from './style.ts'

/**
 * Prints what went wrong and returns the exit code:
 *
 *   address-in-use: Cannot listen on udp 127.0.0.1:8125 for statsd: another program has it.
 *   ^^^^^^^^^^^^^^ stable code        ^^^^^^ what, where and why
 *     → Stop that program, or choose another with --statsd-port.
 *       ^^^^^^ what to do
 *
 * What is not a KymoError is a bug of ours: then its stack is shown as well.
 */
export function printError(error: unknown, { stderr, env }: Pick<CommandContext, 'stderr' | 'env'>): number {
  const known = error instanceof KymoError ? error : new KymoError('internal', { reason: reasonOf(error) })
  const style = createStyle(stderr, env)
  const [what = '', ...more] = known.message.split('\n').map(escapeForTerminal)
  const lines = [
    `${style.red(style.bold(known.code))}: ${what}`,
    ...more,
    `  ${style.dim('→')} ${escapeForTerminal(known.help)}`,
  ]
  if (error !== known && error instanceof Error && error.stack !== undefined) {
    lines.push(...error.stack.split('\n').map((line) => style.dim(`    ${escapeForTerminal(line.trim())}`)))
  }
  stderr.write(`${lines.join('\n')}\n`)
  return known.exitCode
}

/** Warnings go before everything else: one line each. */
export function printWarnings(
  warnings: readonly string[],
  { stderr, env }: Pick<CommandContext, 'stderr' | 'env'>,
): void {
  const style = createStyle(stderr, env)
  for (const warning of warnings) stderr.write(`${style.yellow('warning')}: ${escapeForTerminal(warning)}\n`)
}
