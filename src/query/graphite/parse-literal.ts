import type { TargetNode } from './target-node.ts'
import type { TargetReader } from './target-reader.ts'

/**
 * A value that stands for itself, where one comes next: true, false, none, inf (in any case), a number, a string.
 * Otherwise nothing is taken and the answer is undefined: `1min`, `+1`, `-inf` and `null` are paths.
 */
export function parseLiteral(reader: TargetReader): TargetNode | undefined {
  return parseKeyword(reader) ?? parseNumber(reader) ?? parseString(reader)
}

const KEYWORD = /(?:true|false|none|inf)(?![A-Za-z0-9_$])/iy

/** A path whose first node is a keyword (`none.z`) cannot be an argument: the keyword is taken, as in Graphite. */
function parseKeyword(reader: TargetReader): TargetNode | undefined {
  const start = reader.at
  const word = reader.match(KEYWORD)?.toLowerCase()
  const span = { start, end: reader.at }
  if (word === undefined) return undefined
  if (word === 'none') return { kind: 'none', ...span }
  if (word === 'inf') return { kind: 'infinity', ...span }
  return { kind: 'boolean', value: word === 'true', ...span }
}

const NUMBER = /-?[0-9]+(?:\.[0-9]+)?(?:[eE]-?[0-9]+)?(?=[ \t\r\n]*(?:[,)]|$))/y

function parseNumber(reader: TargetReader): TargetNode | undefined {
  const start = reader.at
  const text = reader.match(NUMBER)
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isFinite(value)) reader.fail('a number is too large', start)
  return { kind: 'number', value, isInteger: !/[.eE]/.test(text), start, end: reader.at }
}

/**
 * One line in either kind of quotes. A backslash keeps the next character from ending it, and so does a second
 * quote right after the first (`"a""b"`); both stay in the value. Read by hand: the expression that Graphite uses
 * can take exponential time.
 */
function parseString(reader: TargetReader): TargetNode | undefined {
  const { text, at: start } = reader
  const quote = text[start]
  if (quote !== '"' && quote !== "'") return undefined
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index]
    if (character === '\n' || character === '\r') break
    if (character === '\\') {
      if (text[index + 1] !== '\n' && text[index + 1] !== '\r') index++
    } else if (character === quote) {
      if (text[index + 1] !== quote) {
        reader.at = index + 1
        return { kind: 'string', value: text.slice(start + 1, index), start, end: reader.at }
      }
      index++
    }
  }
  return reader.fail('a string is not closed on its line', start)
}
