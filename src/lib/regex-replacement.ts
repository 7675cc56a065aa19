import type { LinearRegex, RegexMatch } from './linear-regex.ts'

/**
 * What stands for a match, as Python's `re.sub` reads it:
 *
 *   \1 \g<1> \g<name>   a group; empty if it took no part
 *   \g<0>               the whole match
 *   \n \t \\ \101       characters; what is no letter stays as it is, with its backslash
 *
 * The replacement as a function of the match, or in words what is wrong with it.
 */
export function compileReplacement(
  template: string,
  regex: Pick<LinearRegex, 'groupCount' | 'groupNumbers'>,
): ((match: RegexMatch) => string) | { readonly problem: string } {
  const parts: (string | number)[] = []
  let position = 0
  for (const escape of template.matchAll(ESCAPE)) {
    parts.push(template.slice(position, escape.index))
    position = escape.index + escape[0].length
    const part = readEscape(escape[0], regex)
    if (typeof part === 'object') return part
    parts.push(part)
  }
  parts.push(template.slice(position))
  return (match) => parts.map((part) => (typeof part === 'number' ? (match[part] ?? '') : part)).join('')
}

/** Longest first: three octal digits are a character, two digits are a group, `\0` is a character. */
const ESCAPE = /\\(?:[0-3][0-7][0-7]|0[0-7]?|[1-9][0-9]?|g<[^>]*>|[\s\S]|$)/g

const CHARACTERS: ReadonlyMap<string, string> = new Map([
  ['\\a', '\u0007'],
  ['\\b', '\b'],
  ['\\f', '\f'],
  ['\\n', '\n'],
  ['\\r', '\r'],
  ['\\t', '\t'],
  ['\\v', '\v'],
  ['\\\\', '\\'],
])

/** Text, the number of a group, or a problem. */
function readEscape(
  escape: string,
  { groupCount, groupNumbers }: Pick<LinearRegex, 'groupCount' | 'groupNumbers'>,
): string | number | { readonly problem: string } {
  const character = CHARACTERS.get(escape)
  if (character !== undefined) return character
  if (/^\\(?:0|[0-3][0-7][0-7])/.test(escape)) {
    return String.fromCharCode(Number.parseInt(escape.slice(1), 8))
  }
  const name = /^\\g<(.*)>$/s.exec(escape)?.[1] ?? /^\\([1-9].*)$/.exec(escape)?.[1]
  if (name !== undefined) {
    const number = /^[0-9]+$/.test(name) ? Number(name) : groupNumbers.get(name)
    if (number !== undefined && number <= groupCount) return number
    return { problem: `the pattern has no group ${escape}` }
  }
  if (escape === '\\' || /^\\[A-Za-z]/.test(escape)) return { problem: `${escape} stands for nothing` }
  return escape
}
