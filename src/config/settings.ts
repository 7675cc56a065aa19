import { REDACTED, redactUrls } from '../lib/redact-url.ts'
import type { Path } from './problem.ts'
import { formatPath } from './problem.ts'
import { childOf, type SchemaNode, variantOf } from './schema-node.ts'
import type { Source } from './source.ts'

/** One value in force, as it would be written in a file, and where it came from. For people to look at. */
export interface Setting {
  /** `http.port`, `sinks[0].type` */
  readonly key: string
  /** undefined: not set, and there is no default. A secret shows as REDACTED. */
  readonly value: unknown
  readonly source: Source
}

export { REDACTED }

/** Every option with its value, in the order of the schema; the sections of a list one after the other. */
export function listSettings(
  node: SchemaNode,
  value: unknown,
  sourceOf: (path: Path) => Source,
  path: Path = [],
): Setting[] {
  const variant = variantOf(node, value)
  if (variant.properties !== undefined) {
    return Object.entries(variant.properties).flatMap(([key, child]) =>
      listSettings(child, childOf(value, key), sourceOf, [...path, key]),
    )
  }
  // What there is nothing of is not looked at: see describeSchema.
  if (Array.isArray(value) && value.length > 0) {
    const { items } = node
    if (items !== undefined && isSection(items))
      return value.flatMap((item, index) => listSettings(items, item, sourceOf, [...path, index]))
  }
  const shown = value === undefined ? node.default : value
  return [
    {
      key: formatPath(path),
      value: node.secret && shown !== undefined ? REDACTED : withoutCredentials(shown),
      source: sourceOf(path),
    },
  ]
}

/** An address may hold a name and a password. */
function withoutCredentials(value: unknown): unknown {
  if (typeof value === 'string') return redactUrls(value)
  if (Array.isArray(value)) return value.map(withoutCredentials)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutCredentials(inner)]))
}

function isSection(node: SchemaNode): boolean {
  return node.properties !== undefined || node.oneOf !== undefined
}
