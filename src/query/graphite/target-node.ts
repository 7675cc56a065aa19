/**
 * A target, parsed. Pipes are folded: `a | f(1)` is the same tree as `f(a, 1)`. Every node knows its own text,
 * `target.slice(start, end)`; of a piped call that is the call alone.
 */
export type TargetNode =
  | PathNode
  | CallNode
  | TemplateNode
  | NumberNode
  | StringNode
  | BooleanNode
  | NoneNode
  | InfinityNode

interface Span {
  readonly start: number
  readonly end: number
}

/** A metric path, perhaps with globs. Escapes are undone in `path`. */
export interface PathNode extends Span {
  readonly kind: 'path'
  readonly path: string
}

export interface CallNode extends Span {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly TargetNode[]
  readonly namedArgs: ReadonlyMap<string, TargetNode>
  /** Calls inside each other, this one included: at most MAX_CALL_DEPTH, so that recursion over a tree is safe. */
  readonly depth: number
}

/** `template(path or call, literals)`: `$1`, `$name` in it stand for the literals. */
export interface TemplateNode extends Span {
  readonly kind: 'template'
  readonly expression: PathNode | CallNode
  readonly args: readonly LiteralNode[]
  readonly namedArgs: ReadonlyMap<string, LiteralNode>
  readonly depth: number
}

export type LiteralNode = NumberNode | StringNode

export interface NumberNode extends Span {
  readonly kind: 'number'
  readonly value: number
  /** Written without a point and an exponent. */
  readonly isInteger: boolean
}

/** Backslashes are kept, as in Graphite: functions that take patterns see them. */
export interface StringNode extends Span {
  readonly kind: 'string'
  readonly value: string
}

export interface BooleanNode extends Span {
  readonly kind: 'boolean'
  readonly value: boolean
}

export interface NoneNode extends Span {
  readonly kind: 'none'
}

export interface InfinityNode extends Span {
  readonly kind: 'infinity'
}

export const MAX_CALL_DEPTH = 100

export function callDepth(node: TargetNode): number {
  return node.kind === 'call' || node.kind === 'template' ? node.depth : 0
}
