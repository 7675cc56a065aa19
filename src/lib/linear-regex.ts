import { RE2JS } from 're2js'

/**
 * A regular expression that takes time in proportion to the text, whatever the pattern: `(a+)+$` is no bomb. RE2's syntax, which is Python's
 * without looking around, back references, possessive and atomic groups. What both have but write in other ways (`\Z`, `\u00e9`, `{,3}`) is
 * read as Python does. docs/guide/regular-expressions.md says what is refused.
 */
export interface LinearRegex {
  /** The number of groups, the whole match not counted. */
  readonly groupCount: number
  /** The numbers of groups that have names. */
  readonly groupNumbers: ReadonlyMap<string, number>
  /** Whether it matches anywhere in the text, as Python's `re.search`. */
  test(text: string): boolean
  /** The first match from its whole to its last group; null: no match. */
  exec(text: string): RegexMatch | null
  /** With other text for each match, as Python's `re.sub`: also for empty matches, even right after another. */
  replaceAll(text: string, replace: (match: RegexMatch) => string): string
}

/** The whole match, and then its groups. One that took no part is undefined. */
export type RegexMatch = readonly (string | undefined)[]

/** Longer ones are refused: compiling takes time and memory, too. */
export const MAX_REGEX_LENGTH = 4_096

/** The pattern, compiled, or in words what is wrong with it. */
export function compileLinearRegex(pattern: string): LinearRegex | { readonly problem: string } {
  if (pattern.length > MAX_REGEX_LENGTH) return { problem: `longer than ${MAX_REGEX_LENGTH} characters` }
  try {
    const compiled = RE2JS.compile(inRe2Syntax(pattern))
    return {
      groupCount: compiled.groupCount(),
      groupNumbers: new Map(Object.entries(compiled.namedGroups())),
      test: (text) => compiled.test(text),
      exec: (text) => {
        const matcher = compiled.matcher(text)
        return matcher.find() ? groupsOf(matcher) : null
      },
      replaceAll: (text, replace) => {
        const matcher = compiled.matcher(text)
        let replaced = ''
        let end = 0
        while (matcher.find()) {
          replaced += text.slice(end, matcher.start()) + replace(groupsOf(matcher))
          end = matcher.end()
        }
        return replaced + text.slice(end)
      },
    }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

function groupsOf(matcher: ReturnType<RE2JS['matcher']>): RegexMatch {
  return Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined)
}

function inRe2Syntax(pattern: string): string {
  return pattern.replace(TOKEN, (token) => {
    if (token.startsWith('{')) return `{0${token.slice(1)}`
    return token.startsWith('[') ? token.replace(ESCAPE, escapeInRe2) : escapeInRe2(token)
  })
}

function escapeInRe2(escape: string): string {
  if (escape === '\\Z') return '\\z'
  return escape.length > 2 ? `\\x{${escape.slice(2)}}` : escape
}

const ESCAPE = /\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\[\s\S]/g
/** An escape, a class in brackets, or a number of repetitions without a least. */
const TOKEN = new RegExp(`${ESCAPE.source}|\\[\\^?\\]?(?:\\\\[\\s\\S]|[^\\]\\\\])*\\]|\\{,[0-9]+\\}`, 'g')

function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/^error parsing regexp: /, '')
}
