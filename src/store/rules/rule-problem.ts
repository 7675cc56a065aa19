import { KymoError } from '../../telemetry/errors.ts'
import { escapeForTerminal } from '../../telemetry/escape-for-terminal.ts'

/** One thing wrong with a file of rules. */
export interface RuleProblem {
  readonly path: string
  /** 1 for the first line of the file. */
  readonly line: number
  readonly text: string
}

const MOST_LISTED = 100

/** All problems as one error, in the order given. */
export function rulesInvalid(problems: readonly RuleProblem[]): KymoError {
  const lines = problems
    .slice(0, MOST_LISTED)
    .map(({ path, line, text }) => `  ${escapeForTerminal(`${path}:${line}  ${text}`)}`)
  if (problems.length > MOST_LISTED) lines.push(`  ... and ${problems.length - MOST_LISTED} more`)
  return new KymoError('rules-invalid', { count: problems.length, problems: lines.join('\n') })
}
