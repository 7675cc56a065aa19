import { excerpt } from '../../lib/excerpt.ts'
import { compileLinearRegex } from '../../lib/linear-regex.ts'
import type { Slices } from '../../lib/slices.ts'
import { KymoError } from '../../telemetry/errors.ts'

/**
 * One tag expression, as Graphite has them. A series without the tag has it with the empty value.
 *
 *   env=prod    env!=prod    host=~web[0-9]    host!=~web[0-9]    env=   (no such tag)    env!=   (any value)
 *
 * A regular expression is anchored where the value begins, and not where it ends.
 */
export interface TagTerm {
  readonly tag: string
  /** The only value that matches, or the only one that does not; undefined: a regular expression says which. */
  readonly literal: string | undefined
  /** Only series that have the tag match. */
  readonly needsTag: boolean
  readonly matches: (value: string) => boolean
}

export const MAX_TAG_EXPRESSIONS = 100
export const MAX_TAG_EXPRESSION_CHARACTERS = 4_096

/**
 * Throws the KymoErrors `request-invalid` and `regex-invalid`. At least one of them has to need a tag: otherwise they would be a question for
 * nearly everything there is.
 */
export function* parseTagTerms(expressions: readonly string[]): Slices<TagTerm[]> {
  if (expressions.length > MAX_TAG_EXPRESSIONS)
    throw invalid(`More than ${MAX_TAG_EXPRESSIONS} tag expressions.`)
  const terms: TagTerm[] = []
  for (const expression of expressions) {
    // A regular expression takes milliseconds to compile.
    yield
    terms.push(parseTagTerm(expression))
  }
  if (!terms.some(({ needsTag }) => needsTag))
    throw invalid(
      'At least one tag expression has to need a value, as `env=prod` does and `env!=prod` does not.',
    )
  return terms
}

export function parseTagTerm(expression: string): TagTerm {
  const parts = /^([^;!=]+)(!?=~?)([^;]*)$/.exec(expression)
  if (expression.length > MAX_TAG_EXPRESSION_CHARACTERS || parts === null)
    throw invalid(
      `"${excerpt(expression, EXCERPT_CHARACTERS)}" is no tag expression; write tag=value, tag!=value, tag=~regex or tag!=~regex.`,
    )
  const [, tag = '', operator, operand = ''] = parts
  const isNegated = operator === '!=' || operator === '!=~'
  const isWanted =
    operator === '=' || operator === '!=' ? (value: string) => value === operand : matcherOf(operand)
  const matches = isNegated ? (value: string) => !isWanted(value) : isWanted
  return {
    tag,
    literal: operator === '=' || operator === '!=' ? operand : undefined,
    needsTag: !matches(''),
    matches,
  }
}

/** Whether a text matches from its beginning on. */
export function matcherOf(pattern: string): (value: string) => boolean {
  // By itself first: in parentheses of ours, `a)(b` would be one.
  for (const source of [pattern, `^(?:${pattern})`]) {
    const regex = compileLinearRegex(source)
    if ('problem' in regex)
      throw new KymoError('regex-invalid', {
        pattern: excerpt(pattern, EXCERPT_CHARACTERS),
        problem: regex.problem,
      })
    if (source === pattern) continue
    return (value) => {
      if (value.length * pattern.length > MOST_COMPARISONS)
        throw invalid(
          `The regular expression "${excerpt(pattern, EXCERPT_CHARACTERS)}" is too long for a value of ${value.length} characters, which is there.`,
        )
      return regex.test(value)
    }
  }
  throw new Error('BUG: a pattern was not compiled')
}

function invalid(problem: string): KymoError {
  return new KymoError('request-invalid', { problem })
}

/**
 * Linear time is that of the text times the length of the pattern, at worst. Nobody else has the thread meanwhile: that are some ten
 * milliseconds.
 */
const MOST_COMPARISONS = 1 << 19
const EXCERPT_CHARACTERS = 200
