import type { QuerySeries } from '../../query-series.ts'
import { KymoError } from '../../../telemetry/errors.ts'
import { parseTarget } from '../parse-target.ts'
import type { TargetNode } from '../target-node.ts'

/**
 * What series are grouped and named by: nodes of the name, counted from 0, from the end if negative, and values of tags, with
 * dots between them. A node that the name does not have is looked for among the tags, and is empty if there is none.
 *
 *   scale(a.b.c;host=web1,2)   1, "host"  ->  b.web1
 *         ^^^^^ a name that ends in a parenthesis is read as a target, and its first path is meant
 */
export function nodeKey(series: QuerySeries, nodes: readonly (number | string)[]): string {
  const path = (series.name.endsWith(')') ? firstPath(series.name) : undefined) ?? series.name
  const names = (path.split(';', 1)[0] ?? '').split('.')
  return nodes.map((node) => nodeOrTag(series, names, node)).join('.')
}

function nodeOrTag(series: QuerySeries, names: readonly string[], node: number | string): string {
  const name = typeof node === 'number' ? names.at(node) : undefined
  if (name !== undefined) return name
  return Object.hasOwn(series.tags, node) ? String(series.tags[node]) : ''
}

/** Series by the key of their nodes, in the order in which keys come first. */
export function groupByNodes(
  series: readonly QuerySeries[],
  nodes: readonly (number | string)[],
): Map<string, QuerySeries[]> {
  return groupBy(series, (one) => nodeKey(one, nodes))
}

export function groupBy(
  series: readonly QuerySeries[],
  keyOf: (series: QuerySeries) => string,
): Map<string, QuerySeries[]> {
  const groups = new Map<string, QuerySeries[]>()
  for (const one of series) {
    const key = keyOf(one)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return groups
}

/** The first path in the name of a series; undefined: there is none. */
function firstPath(name: string): string | undefined {
  try {
    return firstPathOf(parseTarget(name))
  } catch (error) {
    if (!(error instanceof KymoError)) throw error
    return firstPathOfBeginning(name)
  }
}

function firstPathOf(node: TargetNode | undefined): string | undefined {
  if (node?.kind === 'path') return node.path
  if (node?.kind === 'call') return firstPathOf(node.args[0])
  return node?.kind === 'template' ? firstPathOf(node.expression) : undefined
}

/**
 * Of a name that is no target, but may begin like one: Graphite reads as far as it can, a whole call or else what stands
 * before its parenthesis.
 */
function firstPathOfBeginning(name: string): string | undefined {
  const end = endOfCall(name)
  if (end > 0 && end < name.length) return firstPath(name.slice(0, end))
  return /^[^(){},"'\\|\s]+/.exec(name)?.[0]
}

/** Where the first parenthesis that opens is closed; 0: it is not. */
function endOfCall(name: string): number {
  let depth = 0
  for (let index = 0; index < name.length; index++) {
    if (name[index] === '(') depth++
    else if (name[index] === ')' && --depth <= 0) return index + 1
  }
  return 0
}
