import { encodeText } from '../encode/json-text.ts'
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

/**
 * JSON, as Grafana reads it. Branches before leaves; of rows with one name only the first stays. Written as it is: there may be thousands of them, and
 * they are asked for with each look at a tree.
 */
export function toTree(rows: readonly FindRow[], { basePath, hasWildcardRow }: FindShape): string {
  const middle = `","id":"${encodeName(basePath)}`
  const seen = new Set<string>()
  const branches: string[] = []
  const leaves: string[] = []
  for (const { name, isLeaf } of rows) {
    if (seen.has(name)) continue
    seen.add(name)
    addTreeNode(isLeaf ? leaves : branches, middle, encodeName(name), isLeaf)
  }
  const wildcard: string[] = []
  // It opens where any row does, also one that is left out for a leaf of its name.
  if (hasWildcardRow && rows.length > 1)
    addTreeNode(
      wildcard,
      middle,
      '*',
      rows.every((row) => row.isLeaf),
    )
  const pieces = [...wildcard, ...branches, ...leaves]
  // The first has no comma in front.
  if (pieces.length > 0) pieces[0] = '{"text":"'
  return `[${pieces.join('')}]`
}

/** In pieces, which are put together once. `name` is encoded. */
function addTreeNode(pieces: string[], middle: string, name: string, isLeaf: boolean): void {
  pieces.push(',{"text":"', name, middle, name, isLeaf ? LEAF : BRANCH)
}

const LEAF = '","allowChildren":0,"expandable":0,"leaf":1,"context":{}}'
const BRANCH = '","allowChildren":1,"expandable":1,"leaf":0,"context":{}}'

/** As it stands between quotation marks. */
function encodeName(name: string): string {
  return PLAIN.test(name) ? name : encodeText(name).slice(1, -1)
}

const PLAIN = /^[\w .:;=/+-]*$/

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
