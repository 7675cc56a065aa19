import type { MetricEntry } from '../api.ts'
import { isOwnMetric } from '../series-name.ts'

/** Nodes of a metric's name, without its tags. */
export function nodesOf(key: string): string[] {
  const [name = ''] = key.split(';')
  return name.split('.')
}

/** `shop.api` of `shop.api.requests;env=prod`; '': it has none. */
export function prefixOf(key: string): string {
  return nodesOf(key).slice(0, -1).join('.')
}

/** The nodes behind the prefix; undefined: it is not below it. */
export function restBelow(key: string, prefix: string): string[] | undefined {
  const nodes = nodesOf(key)
  if (prefix === '') return nodes
  const above = prefix.split('.')
  if (nodes.length <= above.length || above.some((node, index) => node !== nodes[index])) return undefined
  return nodes.slice(above.length)
}

export interface Folder {
  readonly name: string
  readonly prefix: string
  readonly metricCount: number
}

/** What the next node may be where more follows it, by name. */
export function foldersBelow(metrics: readonly MetricEntry[], prefix: string): Folder[] {
  const counts = new Map<string, number>()
  for (const { key } of metrics) {
    const [name, ...more] = restBelow(key, prefix) ?? []
    if (name === undefined || more.length === 0 || (prefix === '' && isOwnMetric(key))) continue
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts]
    .map(([name, metricCount]) => ({
      name,
      prefix: prefix === '' ? name : `${prefix}.${name}`,
      metricCount,
    }))
    .toSorted((a, b) => compareText(a.name, b.name))
}

/** Numbers in names in their order: web2 before web10. */
export function compareText(a: string, b: string): number {
  return ORDER.compare(a, b) || (a < b ? -1 : 1)
}

const ORDER = new Intl.Collator('en', { numeric: true })
