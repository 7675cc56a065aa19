import type { PlainValue } from '../encode/plain-value.ts'

/** A node of the tree of names. One that is both a branch and a leaf is two rows. */
export interface FindRow {
  readonly path: string
  readonly name: string
  readonly isLeaf: boolean
}

export interface FindShape {
  /** Everything up to the last dot, as it was asked for: globs stay in it. */
  readonly basePath: string
  readonly hasWildcardRow: boolean
  readonly position: number
  /** From whose first point to whose last one, in seconds, by path: known of leaves only. */
  readonly intervals: ReadonlyMap<string, SeenInterval>
}

export interface SeenInterval {
  readonly startSeconds: number
  readonly endSeconds: number
}

/** What Grafana reads. Branches before leaves; of rows with one name only the first stays. */
export function toTree(rows: readonly FindRow[], shape: FindShape): PlainValue {
  const kinds = new Map<string, boolean>()
  for (const row of rows) if (!kinds.has(row.name)) kinds.set(row.name, row.isLeaf)
  const tree = (isLeaf: boolean): PlainValue[] =>
    [...kinds].filter((kind) => kind[1] === isLeaf).map(([name]) => treeNode(name, isLeaf, shape))
  const hasBranch = rows.some((row) => !row.isLeaf)
  const wildcard = shape.hasWildcardRow && rows.length > 1 ? [treeNode('*', !hasBranch, shape)] : []
  return [...wildcard, ...tree(false), ...tree(true)]
}

function treeNode(name: string, isLeaf: boolean, shape: FindShape): PlainValue {
  const opens = isLeaf ? 0 : 1
  return {
    text: name,
    id: shape.basePath + name,
    allowChildren: opens,
    expandable: opens,
    leaf: isLeaf ? 1 : 0,
    context: {},
  }
}

/** What a text field completes to; a branch ends in a dot, ready for the next name. */
export function toCompleter(rows: readonly FindRow[], shape: FindShape): PlainValue {
  const metrics: PlainValue[] = rows.map(({ path, name, isLeaf }) => ({
    path: isLeaf ? path : `${path}.`,
    name,
    is_leaf: isLeaf ? '1' : '0',
  }))
  return { metrics: shape.hasWildcardRow && rows.length > 1 ? [...metrics, { name: '*' }] : metrics }
}

/** Rows with the time their points span, by path. */
export function toList(rows: readonly FindRow[], shape: FindShape): PlainValue {
  return byPath(rows).map(({ path, isLeaf }) =>
    isLeaf
      ? {
          path,
          is_leaf: true,
          intervals: intervalsOf(path, shape).map(({ startSeconds, endSeconds }) => ({
            start: startSeconds,
            end: endSeconds,
          })),
        }
      : { path, is_leaf: false },
  )
}

/** The same as graphite-web reads it from other graphite-webs. */
export function toClusterList(rows: readonly FindRow[], shape: FindShape): PlainValue {
  return byPath(rows).map(({ path, isLeaf }) =>
    isLeaf
      ? {
          path,
          is_leaf: true,
          intervals: intervalsOf(path, shape).map(({ startSeconds, endSeconds }) => [
            startSeconds,
            endSeconds,
          ]),
        }
      : { path, is_leaf: false },
  )
}

/** The names that stand at one place of the paths; -1 is the last. */
export function toNodeNames(rows: readonly FindRow[], shape: FindShape): PlainValue {
  const names = new Set<string>()
  for (const row of rows) {
    const name = row.path.split('.').at(shape.position)
    if (name !== undefined) names.add(name)
  }
  return { nodes: [...names].sort() }
}

function intervalsOf(path: string, { intervals }: FindShape): SeenInterval[] {
  const interval = intervals.get(path)
  return interval === undefined ? [] : [interval]
}

function byPath(rows: readonly FindRow[]): FindRow[] {
  return rows.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}
