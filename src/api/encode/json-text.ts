import type { JsonStyle } from '../../query/request-parameters.ts'

/** Infinities, which functions may compute, are null: JSON has no word for them. */
export function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) return 'null'
  return Object.is(value, -0) ? '-0.0' : String(value)
}

/** The two line separators may stand in JSON, but in a script they would have ended a line before 2019. */
export function encodeText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent)
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029')
}

export function contentTypeOf(style: JsonStyle): string {
  return style.callback === undefined ? 'application/json' : 'text/javascript; charset=utf-8'
}

/** What divides values that are written one after the other: nothing, or a line and its depth. */
export function newLines(style: JsonStyle): { newLine: (depth: number) => string; space: string } {
  return {
    newLine: (depth) => (style.isPretty ? `\n${'  '.repeat(depth)}` : ''),
    space: style.isPretty ? ' ' : '',
  }
}
