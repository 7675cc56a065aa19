import * as z from 'zod'
import type { Path } from './problem.ts'

/**
 * A schema as data, to be walked: the subset of JSON Schema that our schemas become, with what lib/option.ts adds. The option
 * table, the sentences about what is wanted and the reference are made from it, so none needs to know zod's insides.
 */
export interface SchemaNode {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly description?: string
  /** As it would be written in a file. */
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly items?: SchemaNode | undefined
  readonly maxItems?: number | undefined
  readonly anyOf?: readonly SchemaNode[]
  readonly oneOf?: readonly SchemaNode[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly kind?: 'duration' | 'size'
  readonly least?: string
  readonly most?: string
  readonly noun?: string
  readonly secret?: true
  readonly isReloadable?: true
}

/** What a list of `z.lazy` has in it is described when somebody looks: there may be much of it, and few need to know. */
export function describeSchema(schema: z.ZodType): SchemaNode {
  let node = described.get(schema)
  if (node === undefined) described.set(schema, (node = describe(schema)))
  return node
}

const described = new WeakMap<z.ZodType, SchemaNode>()

function describe(schema: z.ZodType): SchemaNode {
  const options = schema instanceof z.ZodObject ? Object.entries<z.ZodType>(schema.shape) : []
  const later = options.filter(([, option]) => isLaterList(option))
  if (later.length === 0) return toNode(schema)
  const now = z.strictObject(Object.fromEntries(options.filter(([, option]) => !isLaterList(option))))
  const node = toNode(now)
  const lists = Object.fromEntries(later.map(([key, list]) => [key, describeLater(list)]))
  const known: Readonly<Record<string, SchemaNode>> = { ...node.properties, ...lists }
  // In the order of the schema.
  return { ...node, properties: Object.fromEntries(options.map(([key]) => [key, known[key] ?? {}])) }
}

function isLaterList(schema: z.ZodType): boolean {
  const list = schema instanceof z.ZodPrefault ? schema.unwrap() : schema
  return list instanceof z.ZodArray && list.element instanceof z.ZodLazy
}

function describeLater(list: z.ZodType): SchemaNode {
  let whole: SchemaNode | undefined
  const look = (): SchemaNode => (whole ??= toNode(list))
  return {
    ...(list.meta() as SchemaNode | undefined),
    default: list.parse(undefined),
    type: 'array',
    get maxItems() {
      return look().maxItems
    },
    get items() {
      return look().items
    },
  }
}

function toNode(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, { io: 'input' }) as SchemaNode
}

/**
 * The schema of the value at a path. Where a list holds several kinds of section, the value's own `type` says which;
 * if it says none, the node knows only that key.
 */
export function nodeAt(root: SchemaNode, path: Path, value: unknown): SchemaNode | undefined {
  let node: SchemaNode | undefined = root
  let current = value
  for (const step of path) {
    if (node === undefined) return undefined
    node = typeof step === 'number' ? node.items : ownProperty(variantOf(node, current).properties, step)
    current = childOf(current, step)
  }
  return typeof current === 'object' ? node && variantOf(node, current) : node
}

/** Of several kinds of section, the one that the value says it is. */
export function variantOf(node: SchemaNode, value: unknown): SchemaNode {
  if (node.oneOf === undefined) return node
  const type = childOf(value, 'type')
  const variant = node.oneOf.find((candidate) => typesOf(candidate).includes(type))
  if (variant !== undefined) return variant
  return { type: 'object', properties: { type: { type: 'string', enum: node.oneOf.flatMap(typesOf) } } }
}

/** Every word that the key `type` of this section may have. */
export function typesOf(node: SchemaNode): readonly unknown[] {
  const type = node.properties?.type
  if (type === undefined) return []
  return type.enum ?? [type.const]
}

/** The value one step down, by own keys only: `__proto__` and `constructor` are ordinary keys here. */
export function childOf(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
  return (value as Readonly<Record<string | number, unknown>>)[step]
}

function ownProperty(
  properties: Readonly<Record<string, SchemaNode>> | undefined,
  key: string,
): SchemaNode | undefined {
  return properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined
}
