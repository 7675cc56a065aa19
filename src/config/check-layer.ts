import type * as z from 'zod'
import { describeType } from './describe-type.ts'
import { isTree, type Layer, locate, pathId } from './layer.ts'
import { didYouMean } from '../lib/nearest-word.ts'
import { listOptions } from './option-table.ts'
import { formatPath, type Path, type Problem, quote } from './problem.ts'
import { childOf, nodeAt, type SchemaNode } from './schema-node.ts'

/** Everything wrong with what one source says, each where it says it, in the order of the source. */
export function checkLayer(schema: z.ZodType, root: SchemaNode, layer: Layer): Problem[] {
  if (layer.input === undefined) return []
  // Messages that a schema does not set itself come out empty and are made here, from the type.
  const result = schema.safeParse(layer.input, { error: () => '', jitless: true })
  if (result.success) return []
  const problems = result.error.issues.flatMap((issue): Problem[] => {
    const path = issue.path.filter((step) => typeof step !== 'symbol')
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(root, layer, path, key))
    return [wrongValue(root, layer, path, issue.message)]
  })
  return problems.toSorted(byPlace)
}

function unknownKey(root: SchemaNode, layer: Layer, path: Path, key: string): Problem {
  const here = [...path, key]
  return {
    source: layer.keys?.get(pathId(here)) ?? locate([layer], here),
    key: formatPath(here),
    // Made when it is read: of thousands of problems the first few are shown.
    get text() {
      const siblings = Object.keys(nodeAt(root, path, layer.input)?.properties ?? {})
      // `flush_interval: 10s` at the top means flush.interval.
      const elsewhere = path.length === 0 ? listOptions(root).map((option) => option.key) : []
      const hint = didYouMean(key, [...siblings, ...elsewhere])
      return `unknown key${hint || `; known here are ${siblings.join(', ')}`}`
    },
  }
}

function wrongValue(root: SchemaNode, layer: Layer, path: Path, message: string): Problem {
  const node = nodeAt(root, path, layer.input)
  const value = path.reduce<unknown>(childOf, layer.input)
  const wanted = message || (node === undefined ? 'something else' : describeType(node))
  const found = node?.secret ? 'something secret' : quoteFor(node, value)
  const words = node?.enum?.filter((word) => typeof word === 'string') ?? []
  const hint = typeof value === 'string' ? didYouMean(value, words) : ''
  return {
    source: locate([layer], path),
    key: formatPath(path),
    text: value === undefined ? `is missing, wanted ${wanted}` : `found ${found}, wanted ${wanted}${hint}`,
  }
}

/** What was to be a list of sections may have passwords in it, such as JSON that breaks off. */
function quoteFor(node: SchemaNode | undefined, value: unknown): string {
  const { properties, oneOf } = node?.items ?? {}
  const isOfSections = properties !== undefined || oneOf !== undefined
  return isOfSections && typeof value === 'string' && /[":]/.test(value)
    ? 'a text that is no list in JSON'
    : quote(value)
}

/** `http:` with nothing below it is a section whose keys are all left out, and `sinks:` an empty list. */
export function dropEmptySections(node: SchemaNode | undefined, value: unknown): unknown {
  if (node === undefined) return value
  if (value === null && (node.type === 'object' || node.type === 'array')) return undefined
  if (!isTree(value)) return value
  for (const [key, child] of Object.entries(value)) {
    const properties = node.properties ?? {}
    const kept = dropEmptySections(Object.hasOwn(properties, key) ? properties[key] : undefined, child)
    if (kept === undefined) delete value[key]
    else value[key] = kept
  }
  return value
}

function byPlace({ source: a }: Problem, { source: b }: Problem): number {
  if (a.kind !== 'file' || b.kind !== 'file') return 0
  return a.line - b.line || a.column - b.column
}
