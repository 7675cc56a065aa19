import type { SchemaNode } from './schema-node.ts'
import { typesOf } from './schema-node.ts'

/** What a value has to be, in words: `a whole number from 0 to 65535`. Completes "wanted ..." and fills the reference. */
export function describeType(node: SchemaNode): string {
  if (node.noun !== undefined) return node.noun
  if (node.kind !== undefined) return describeQuantity(node)
  if (node.anyOf !== undefined) return node.anyOf.map(describeType).join(' or ')
  if (node.oneOf !== undefined)
    return `a section with the key type, one of ${node.oneOf.flatMap(typesOf).join(', ')}`
  if (node.const !== undefined) return JSON.stringify(node.const)
  if (node.enum !== undefined)
    return node.enum.length === 1 ? JSON.stringify(node.enum[0]) : `one of ${node.enum.join(', ')}`
  if (node.type === undefined) return 'text'
  switch (node.type) {
    case 'integer':
      return `a whole number${describeRange(node)}`
    case 'number':
      return `a number${describeRange(node)}`
    case 'boolean':
      return 'true or false'
    case 'array':
      return describeList(node)
    case 'object':
      return `a section with the keys ${Object.keys(node.properties ?? {}).join(', ')}`
    case 'string':
      return 'text'
  }
}

function describeQuantity({ kind, least, most }: SchemaNode): string {
  const noun = kind === 'duration' ? 'a duration such as 10s' : 'a size such as 64KiB'
  const bounds = [least && `at least ${least}`, most && `at most ${most}`].filter(Boolean)
  return [noun, ...bounds].join(', ')
}

function describeRange({ minimum, maximum }: SchemaNode): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return `, at least ${minimum}`
  return maximum === undefined ? '' : `, at most ${maximum}`
}

/** Of sections each says itself what it is; see the type that it names. */
function describeList({ items }: SchemaNode): string {
  const isOfSections = items?.oneOf !== undefined || items?.properties !== undefined
  return items === undefined || isOfSections ? 'a list' : `a list, each ${describeType(items)}`
}
