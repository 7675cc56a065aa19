import { MAX_BRACE_DEPTH } from '../../lib/brace-expansion.ts'
import type { PathNode } from './target-node.ts'
import type { TargetReader } from './target-reader.ts'

/**
 * A metric path: nodes divided by dots, without whitespace. Globs are not looked at here, but for braces, whose
 * alternatives may not be empty.
 *
 *   servers.web\(1\).{cpu,mem}*
 *              ^^ a backslash makes one of ( ) { } , . ' " \ | = an ordinary character
 *
 * Wider than Graphite's grammar where that would make names unreachable: characters beyond ASCII are ordinary, with a
 * backslash or without (Graphite has a setting for it), and braces may hold dots and braces, as in /metrics/find,
 * because Grafana puts several values of a variable into braces whatever they are.
 */
export function parsePath(reader: TargetReader): PathNode {
  const start = reader.at
  let path = parsePathNode(reader)
  while (reader.sees('.')) {
    reader.at++
    path += `.${parsePathNode(reader)}`
  }
  return { kind: 'path', path, start, end: reader.at }
}

/** Whether a path could begin with the next character. */
export function seesPath(reader: TargetReader): boolean {
  return reader.sees('{') || reader.sees('\\') || isPathCharacter(reader.text.charCodeAt(reader.at))
}

function parsePathNode(reader: TargetReader): string {
  let text = ''
  for (;;) {
    const piece = parseCharacters(reader) + (reader.sees('{') ? parseBraces(reader) : '')
    if (piece === '') break
    text += piece
  }
  if (text === '') reader.fail(`expected a name, found ${reader.describeNext()}`)
  return text
}

function parseBraces(reader: TargetReader, depth = 1): string {
  const start = reader.at
  if (depth > MAX_BRACE_DEPTH) reader.fail(`braces are nested deeper than ${MAX_BRACE_DEPTH}`)
  let text = ''
  do {
    reader.at++
    const alternative = parseAlternative(reader, depth)
    if (alternative === '') {
      reader.fail(`braces hold names divided by commas; found ${reader.describeNext()}`)
    }
    text += text === '' ? alternative : `,${alternative}`
  } while (reader.sees(','))
  if (!reader.sees('}')) {
    reader.fail(`expected "," or "}" for the brace at position ${start + 1}, found ${reader.describeNext()}`)
  }
  reader.at++
  return `{${text}}`
}

function parseAlternative(reader: TargetReader, depth: number): string {
  let text = ''
  for (;;) {
    const before = reader.at
    text += parseCharacters(reader)
    if (reader.sees('{')) text += parseBraces(reader, depth + 1)
    else if (reader.sees('.')) {
      text += '.'
      reader.at++
    }
    if (reader.at === before) return text
  }
}

function parseCharacters(reader: TargetReader): string {
  let text = ''
  let runStart = reader.at
  for (;;) {
    if (isPathCharacter(reader.text.charCodeAt(reader.at))) {
      reader.at++
    } else if (reader.sees('\\') && isEscapable(reader.text.codePointAt(reader.at + 1))) {
      text += reader.text.slice(runStart, reader.at)
      runStart = reader.at + 1
      reader.at = runStart + ((reader.text.codePointAt(runStart) ?? 0) > 0xffff ? 2 : 1)
    } else {
      return text + reader.text.slice(runStart, reader.at)
    }
  }
}

const SYMBOLS = new Set(['(', ')', '{', '}', ',', '.', "'", '"', '\\', '|'])
const ESCAPABLE = new Set([...SYMBOLS, '='])

function isEscapable(codePoint: number | undefined): boolean {
  return codePoint !== undefined && (codePoint > 0x9f || ESCAPABLE.has(String.fromCodePoint(codePoint)))
}

/** Everything printable but the symbols. */
function isPathCharacter(code: number): boolean {
  if (code > 0x9f) return !/\s/.test(String.fromCharCode(code))
  return code > 0x20 && code < 0x7f && !SYMBOLS.has(String.fromCharCode(code))
}
