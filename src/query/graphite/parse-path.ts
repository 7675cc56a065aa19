import type { PathNode } from './target-node.ts'
import type { TargetReader } from './target-reader.ts'

/**
 * A metric path: nodes divided by dots, without whitespace. Globs are not looked at here, but for braces, which may
 * not hold dots or other braces and may not be empty.
 *
 *   servers.web\(1\).{cpu,mem}*
 *              ^^ a backslash makes one of ( ) { } , . ' " \ | = an ordinary character
 *
 * Graphite's paths are ASCII; here a backslash also brings in a character beyond it, so that every name can be asked for.
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

function parseBraces(reader: TargetReader): string {
  const start = reader.at
  let text = ''
  do {
    reader.at++
    const alternative = parseCharacters(reader)
    if (alternative === '') {
      reader.fail(
        `braces hold names divided by commas, without dots or other braces; found ${reader.describeNext()}`,
      )
    }
    text += text === '' ? alternative : `,${alternative}`
  } while (reader.sees(','))
  if (!reader.sees('}')) {
    reader.fail(`expected "," or "}" for the brace at position ${start + 1}, found ${reader.describeNext()}`)
  }
  reader.at++
  return `{${text}}`
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

/** Printable ASCII but the symbols. */
function isPathCharacter(code: number): boolean {
  return code > 0x20 && code < 0x7f && !SYMBOLS.has(String.fromCharCode(code))
}
