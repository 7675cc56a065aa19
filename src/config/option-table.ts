import type { SchemaNode } from './schema-node.ts'

/** One option as the outside knows it: its key in the file, its variable, and what it is. */
export interface Option {
  /** `flush.interval` */
  readonly key: string
  readonly path: readonly string[]
  readonly node: SchemaNode
  /** It can be changed while Kymo runs; otherwise it takes effect at the next start. */
  readonly isReloadable: boolean
}

/** Every option, in the order of the schema. A list of sections is one option. */
export function listOptions(
  root: SchemaNode,
  path: readonly string[] = [],
  isAllReloadable = root.isReloadable === true,
): Option[] {
  return Object.entries(root.properties ?? {}).flatMap(([key, node]): Option[] => {
    const here = [...path, key]
    const isReloadable = isAllReloadable || node.isReloadable === true
    return node.properties === undefined
      ? [{ key: here.join('.'), path: here, node, isReloadable }]
      : listOptions(node, here, isReloadable)
  })
}

/**
 * Reads a value that came as text, from a variable or a flag. Text that does not look like the option's type stays text, for
 * the schema to refuse in its own words.
 */
export function readText(node: SchemaNode, text: string): unknown {
  if (node.type === 'array') return readList(node, text)
  const types = [node, ...(node.anyOf ?? [])].map((candidate) => candidate.type)
  const isNumeric = types.includes('integer') || types.includes('number')
  if (isNumeric && /^-?[0-9]{1,15}(\.[0-9]{1,15})?$/.test(text)) return Number(text)
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

/** JSON, or for lists of plain values words with commas between. */
function readList(node: SchemaNode, text: string): unknown {
  const items = node.items ?? {}
  if (text.trim().startsWith('[')) {
    try {
      return JSON.parse(text) as unknown
    } catch {
      return text
    }
  }
  if (items.type === undefined || items.type === 'object') return text
  return text.split(',').map((item) => readText(items, item.trim()))
}
