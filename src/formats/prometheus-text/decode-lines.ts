import type { Label } from '../../model/metric-family.ts'
import { parseNumber } from './format-number.ts'

/** A line of the text format, or of OpenMetrics. Comments and empty lines are none. */
export type TextLine =
  | {
      readonly kind: 'sample'
      readonly name: string
      /** In the order they were written. */
      readonly labels: readonly Label[]
      readonly value: number
      readonly timeMs: number | undefined
    }
  | { readonly kind: 'type' | 'help' | 'unit'; readonly name: string; readonly text: string }
  /** Where OpenMetrics ends: what follows is not read. */
  | { readonly kind: 'end' }
  | { readonly kind: 'problem'; readonly lineNumber: number; readonly text: string }

/** Reads what a scrape got. `isOpenMetrics`: times are seconds there, and not milliseconds. Never throws. */
export function* decodeTextLines(text: string, isOpenMetrics = false): Generator<TextLine> {
  let lineNumber = 0
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    const line = text.slice(start, text[end - 1] === '\r' ? end - 1 : end)
    start = end + 1
    lineNumber += 1
    const decoded = line.startsWith('#') ? decodeComment(line) : decodeSample(line, isOpenMetrics)
    if (typeof decoded === 'string') yield { kind: 'problem', lineNumber, text: decoded }
    else if (decoded !== undefined) yield decoded
    if (typeof decoded === 'object' && decoded.kind === 'end') return
  }
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const COMMENT = /^#[ \t]+(TYPE|HELP|UNIT)[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)(?:[ \t](.*))?$/s

function decodeComment(line: string): TextLine | undefined {
  if (line === '# EOF') return { kind: 'end' }
  const comment = COMMENT.exec(line)
  if (comment === null) return undefined
  const [, word = '', name = '', text = ''] = comment
  return {
    kind: word.toLowerCase() as 'type' | 'help' | 'unit',
    name,
    text: word === 'HELP' ? unescape(text) : text.trim(),
  }
}

/** In words what is wrong with it; undefined: it is empty. */
function decodeSample(line: string, isOpenMetrics: boolean): TextLine | string | undefined {
  if (line.trim() === '') return undefined
  NAME.lastIndex = 0
  const name = NAME.exec(line)?.[0]
  if (name === undefined) return 'no name'
  const labels: Label[] = []
  let at = name.length
  if (line[at] === '{') {
    const end = decodeLabels(line, at + 1, labels)
    if (typeof end === 'string') return end
    at = end
  }
  // What follows a `#` is an exemplar.
  const [numbers = ''] = line.slice(at).split(' # ', 1)
  if (numbers !== '' && !/^[ \t]/.test(numbers)) return 'no value'
  const [valueText, timeText, ...others] = numbers.trim().split(/[ \t]+/)
  const value = parseNumber(valueText ?? '')
  if (value === undefined) return 'no value'
  if (others.length > 0) return 'something behind the time'
  const time = timeText === undefined ? undefined : parseNumber(timeText)
  if (timeText !== undefined && !Number.isFinite(time)) return 'a time that is none'
  const timeMs = time === undefined ? undefined : Math.round(isOpenMetrics ? time * 1_000 : time)
  return { kind: 'sample', name, labels, value, timeMs }
}

/** `name="value"`, then a comma or the end. */
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|(?=\}))/sy
const LABELS_END = /[ \t]*\}/y

/** Where they end, or what is wrong. */
function decodeLabels(line: string, start: number, labels: Label[]): number | string {
  const names = new Set<string>()
  for (let at = start; ; ) {
    LABELS_END.lastIndex = at
    if (LABELS_END.test(line)) return LABELS_END.lastIndex
    LABEL.lastIndex = at
    const label = LABEL.exec(line)
    if (label === null) return 'labels that are none'
    const [, name = '', value = ''] = label
    if (names.has(name)) return 'a label that comes twice'
    names.add(name)
    labels.push([name, unescape(value)])
    at = LABEL.lastIndex
  }
}

function unescape(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\([\\n"])/g, (_, character: string) => (character === 'n' ? '\n' : character))
    : text
}
