import { excerpt } from '../../../lib/excerpt.ts'
import type { LinearRegex } from '../../../lib/linear-regex.ts'
import { compileLinearRegex } from '../../../lib/linear-regex.ts'
import { compileReplacement } from '../../../lib/regex-replacement.ts'
import { KymoError } from '../../../telemetry/errors.ts'
import type { FunctionCall } from '../function-call.ts'

/** A regular expression that a function is given. Throws the KymoError `regex-invalid`. */
export function compileNamePattern(pattern: string): LinearRegex {
  const regex = compileLinearRegex(pattern)
  if (!('problem' in regex)) return regex
  throw new KymoError('regex-invalid', {
    pattern: excerpt(pattern, EXCERPT_CHARACTERS),
    problem: regex.problem,
  })
}

/** Puts the replacement in the place of each match in a name, as Python's `re.sub`. */
export function compileSubstitution(
  search: string,
  replace: string,
  { fail }: Pick<FunctionCall, 'fail'>,
): (name: string) => string {
  const regex = compileNamePattern(search)
  const replacement = compileReplacement(replace, regex)
  if (typeof replacement === 'object') {
    return fail(
      `the replacement "${excerpt(replace, EXCERPT_CHARACTERS)}" cannot be used: ${replacement.problem}`,
    )
  }
  return (name) => regex.replaceAll(name, replacement)
}

const EXCERPT_CHARACTERS = 200
