import { floatText } from './number-text.ts'

/** A literal of a target, by the time its templates are filled in. */
export type LiteralValue =
  | { readonly kind: 'number'; readonly value: number; readonly isInteger: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'none' }

/** For error messages. */
export function describeLiteral(literal: LiteralValue): string {
  switch (literal.kind) {
    case 'number':
      return `the number ${literalText(literal)}`
    case 'string':
      return 'a text'
    case 'boolean':
    case 'none':
      return literalText(literal)
  }
}

/** As Python writes it. */
export function literalText(literal: LiteralValue): string {
  switch (literal.kind) {
    case 'number':
      return literal.isInteger ? String(literal.value) : floatText(literal.value)
    case 'string':
      return literal.value
    case 'boolean':
      return literal.value ? 'True' : 'False'
    case 'none':
      return 'None'
  }
}
