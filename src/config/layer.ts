import type { Path } from './problem.ts'
import type { Source } from './source.ts'

/**
 * What one source says: a tree of values as they were written, only those that were given. A flag's layer lies over the
 * environment's, that over the file's; what none gives has its default. Trees are objects without a prototype, so a
 * key is never anything but a key.
 */
export interface Layer {
  readonly input: unknown
  /** Where each value is, by `pathId`. */
  readonly values: ReadonlyMap<string, Source>
  /** Where each key is, for problems with the key itself. The file's only. */
  readonly keys?: ReadonlyMap<string, Source>
}

export type Tree = { [key: string]: unknown }

export function pathId(path: Path): string {
  return JSON.stringify(path)
}

export function emptyTree(): Tree {
  return Object.create(null) as Tree
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Sets one value, making the sections on the way to it. */
export function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path
  if (rest.length === 0) {
    tree[first] = value
    return
  }
  const below = tree[first]
  const section = isTree(below) ? below : emptyTree()
  tree[first] = section
  setAt(section, rest, value)
}

/** One tree over another: sections are joined key by key, everything else is replaced whole. */
export function overlay(lower: unknown, upper: unknown): unknown {
  if (upper === undefined) return lower
  if (!isTree(lower) || !isTree(upper)) return upper
  const result = Object.assign(emptyTree(), lower)
  for (const [key, value] of Object.entries(upper)) result[key] = overlay(result[key], value)
  return result
}

/** Where the value at a path was given: in the uppermost layer that gave it or something around it. */
export function locate(layers: readonly Layer[], path: Path): Source {
  for (const layer of layers.toReversed()) {
    for (let length = path.length; length >= 0; length--) {
      const source = layer.values.get(pathId(path.slice(0, length)))
      if (source !== undefined) return source
    }
  }
  return { kind: 'default' }
}
