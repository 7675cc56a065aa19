import { RE2JS } from 're2js'

/**
 * A regular expression that takes time in proportion to the text, whatever the pattern: `(a+)+$` is no bomb. RE2's syntax, which is Python's
 * without looking around, back references, possessive and atomic groups; `\Z` is read as RE2's `\z`.
 */
export interface LinearRegex {
  /** Whether it matches anywhere in the text, as Python's `re.search`. */
  test(text: string): boolean
  /** The first match from its whole to its last group; null: no match. A group that took no part is undefined. */
  exec(text: string): readonly (string | undefined)[] | null
}

/** Longer ones are refused: compiling takes time and memory, too. */
export const MAX_REGEX_LENGTH = 4_096

/** The pattern, compiled, or in words what is wrong with it. */
export function compileLinearRegex(pattern: string): LinearRegex | { readonly problem: string } {
  if (pattern.length > MAX_REGEX_LENGTH) return { problem: `longer than ${MAX_REGEX_LENGTH} characters` }
  try {
    const compiled = RE2JS.compile(withAbsoluteEnd(pattern))
    return {
      test: (text) => compiled.test(text),
      exec: (text) => {
        const matcher = compiled.matcher(text)
        if (!matcher.find()) return null
        return Array.from(
          { length: matcher.groupCount() + 1 },
          (_, group) => matcher.group(group) ?? undefined,
        )
      },
    }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

function withAbsoluteEnd(pattern: string): string {
  return pattern.replace(/\\([\s\S])/g, (escape, letter: string) => (letter === 'Z' ? '\\z' : escape))
}

function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/^error parsing regexp: /, '')
}
