import type { LiteralValue } from './argument-value.ts'
import { literalText } from './argument-value.ts'
import type { LiteralNode, TargetNode, TemplateNode } from './target-node.ts'

/** What stands for `$name`, in the order in which names are replaced. */
export type TemplateValues = ReadonlyMap<string, LiteralValue>

/** The values of a template: those it names, then those it counts, of which the request's (`template[name]=v`) win. */
export function templateValues(
  template: TemplateNode,
  requested: ReadonlyMap<string, string>,
): Map<string, LiteralValue> {
  const values = new Map<string, LiteralValue>()
  for (const [name, node] of template.namedArgs) values.set(name, literalOf(node))
  for (const [index, node] of template.args.entries()) values.set(String(index + 1), literalOf(node))
  for (const [name, value] of requested) values.set(name, { kind: 'string', value })
  return values
}

/** A path with its `$name` filled in. A path that is nothing else becomes the literal itself, a number if it looks like one. */
export function fillPath(path: string, values: TemplateValues): { path: string; literal?: LiteralValue } {
  let filled = path
  for (const [name, literal] of values) {
    if (filled === `$${name}`) return { path: literalText(literal), literal: asNumber(literal) }
    filled = filled.replaceAll(`$${name}`, () => literalText(literal))
    if (filled.length > MAX_PATH_LENGTH) break
  }
  return { path: filled }
}

/** Replacing may multiply a text; past this length it is no path that anybody stored. */
const MAX_PATH_LENGTH = 65_536

export function literalOf(node: LiteralNode): LiteralValue {
  return node.kind === 'number'
    ? { kind: 'number', value: node.value, isInteger: node.isInteger }
    : { kind: 'string', value: node.value }
}

/** undefined: the node is an expression. */
export function anyLiteralOf(node: TargetNode): LiteralValue | undefined {
  switch (node.kind) {
    case 'number':
    case 'string':
      return literalOf(node)
    case 'boolean':
      return { kind: 'boolean', value: node.value }
    case 'none':
      return { kind: 'none' }
    case 'infinity':
      return { kind: 'number', value: Number.POSITIVE_INFINITY, isInteger: false }
    case 'path':
    case 'call':
    case 'template':
      return undefined
  }
}

function asNumber(literal: LiteralValue): LiteralValue {
  if (literal.kind !== 'string' || !/^-?[0-9]*\.?[0-9]+$/.test(literal.value)) return literal
  return { kind: 'number', value: Number(literal.value), isInteger: false }
}
