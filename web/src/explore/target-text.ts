/** A target as it is typed: where the caret stands in it, what its parts are, and which paths it names. */
export interface CaretPlace {
  /** The word up to the caret, and where it begins. */
  readonly word: string
  readonly start: number
  /** The innermost call around the caret; null: there is none. */
  readonly call: { readonly name: string; readonly argument: number } | null
  /** The caret is behind an opening quote. */
  readonly isInText: boolean
}

export type PartKind = 'function' | 'path' | 'text' | 'number' | 'sign'

export interface TargetPart {
  readonly kind: PartKind
  readonly text: string
  readonly start: number
}

const PART = /'(?:[^'\\]|\\.)*'?|"(?:[^"\\]|\\.)*"?|[(),=\s]|(?:\{[^{}]*\}?|\\.|[^\s(),='"{])+|./gsu

export function splitTarget(target: string): TargetPart[] {
  return Array.from(target.matchAll(PART), ({ 0: text, index }) => ({
    kind: kindOf(text, target.slice(index + text.length)),
    text,
    start: index,
  }))
}

export function placeOf(target: string, caret: number): CaretPlace {
  const calls: { name: string; argument: number }[] = []
  let last: TargetPart | undefined
  for (const part of splitTarget(target.slice(0, caret))) {
    if (part.text === '(') calls.push({ name: last?.text ?? '', argument: 0 })
    else if (part.text === ')') calls.pop()
    else if (part.text === ',') {
      const call = calls.at(-1)
      if (call !== undefined) call.argument++
    }
    last = part
  }
  const isWord = last !== undefined && last.kind !== 'sign'
  return {
    word: isWord && last !== undefined ? last.text : '',
    start: isWord && last !== undefined ? last.start : caret,
    call: calls.at(-1) ?? null,
    isInText: last?.kind === 'text' && !/^(['"]).*\1$/s.test(last.text),
  }
}

/** The paths in it, without those of tag functions. */
export function pathsOf(target: string): string[] {
  return splitTarget(target)
    .filter(({ kind, text }) => kind === 'path' && /[^\d.-]/.test(text) && !/^(true|false|none)$/i.test(text))
    .map(({ text }) => text)
}

/** Kymo's errors count characters from 1. undefined: the error is of no place. */
export function positionOf(message: string): number | undefined {
  const [, position] = /\bat position (\d{1,6})\b/.exec(message) ?? []
  return position === undefined ? undefined : Number(position) - 1
}

function kindOf(text: string, rest: string): PartKind {
  if (/^['"]/.test(text)) return 'text'
  if (/^[(),=\s]$/.test(text)) return 'sign'
  if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return 'number'
  return rest.startsWith('(') ? 'function' : 'path'
}
