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

/**
 * A dashboard is of a prefix of names (`shop.api`), or of all that has some tags, which are written as they stand in keys:
 * `;service=shop;env=prod`.
 */
export function isOfTags(prefix: string): boolean {
  return prefix.startsWith(';')
}

/** `service=shop` and `env=prod` of `requests;service=shop;env=prod`. */
export function tagsOf(key: string): string[] {
  return key.split(';').slice(1)
}

/** The value of a tag; undefined: it has no such tag. */
export function tagValue(key: string, name: string): string | undefined {
  return tagsOf(key)
    .find((tag) => tag.startsWith(`${name}=`))
    ?.slice(name.length + 1)
}

/** By which applications say what they are, as Kymo knows them. */
const SERVICE_TAGS = ['service', 'app']

/** `;service=shop`: the dashboard of what has the tag that says its service; undefined: it has none. */
export function serviceTagOf(key: string): string | undefined {
  for (const tag of SERVICE_TAGS) {
    const value = tagValue(key, tag)
    if (value !== undefined && value !== '') return `;${tag}=${value}`
  }
  return undefined
}

/** How a prefix is called: `shop.api`, `service: shop · env: prod`. Hostile text. */
export function titleOf(prefix: string): string {
  return isOfTags(prefix) ? tagsOf(prefix).map(titleOfTag).join(' · ') : prefix
}

export function titleOfTag(tag: string): string {
  return tag.replace('=', ': ')
}

/** The nodes behind the prefix; undefined: it is not below it. Behind tags are all. */
export function restBelow(key: string, prefix: string): string[] | undefined {
  const nodes = nodesOf(key)
  if (prefix === '') return nodes
  if (isOfTags(prefix)) {
    const tags = new Set(tagsOf(key))
    return tagsOf(prefix).every((tag) => tags.has(tag)) ? nodes : undefined
  }
  const above = prefix.split('.')
  if (nodes.length <= above.length || above.some((node, index) => node !== nodes[index])) return undefined
  return nodes.slice(above.length)
}

/** Words that each key below a prefix has, and few others. */
export function searchOf(prefix: string): string {
  return isOfTags(prefix) ? tagsOf(prefix).join(' ') : `${prefix}.`
}

export interface Folder {
  readonly name: string
  readonly prefix: string
  readonly metricCount: number
}

/** What the next node may be where more follows it, by name; below tags the environments, where there are several. */
export function foldersBelow(metrics: readonly MetricEntry[], prefix: string): Folder[] {
  if (isOfTags(prefix)) return environmentsBelow(metrics, prefix)
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

function environmentsBelow(metrics: readonly MetricEntry[], prefix: string): Folder[] {
  if (tagValue(prefix, ENVIRONMENT_TAG) !== undefined) return []
  const counts = new Map<string, number>()
  for (const { key } of metrics) {
    const name = tagValue(key, ENVIRONMENT_TAG)
    if (name !== undefined && restBelow(key, prefix) !== undefined)
      counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  if (counts.size < 2) return []
  return [...counts]
    .map(([name, metricCount]) => ({ name, prefix: `${prefix};${ENVIRONMENT_TAG}=${name}`, metricCount }))
    .toSorted((a, b) => compareText(a.name, b.name))
}

/** As DogStatsD's clients set it. */
export const ENVIRONMENT_TAG = 'env'

/** Numbers in names in their order: web2 before web10. */
export function compareText(a: string, b: string): number {
  return ORDER.compare(a, b) || (a < b ? -1 : 1)
}

const ORDER = new Intl.Collator('en', { numeric: true })
