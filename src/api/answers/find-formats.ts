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

/** JSON, as Grafana reads it. Branches before leaves; of rows with one name only the first stays. */
export function toTree(rows: readonly FindRow[], { basePath, hasWildcardRow }: FindShape): string {
  const base = encodeName(basePath)
  const seen = new Set<string>()
  const branches: string[] = []
  const leaves: string[] = []
  for (const { name, isLeaf } of rows) {
    if (seen.has(name)) continue
    seen.add(name)
    // Written as it is: there may be thousands, and they are asked for with each look at a tree.
    ;(isLeaf ? leaves : branches).push(treeNode(base, encodeName(name), isLeaf))
  }
  const hasBranch = rows.some((row) => !row.isLeaf)
  const wildcard = hasWildcardRow && rows.length > 1 ? [treeNode(base, '*', !hasBranch)] : []
  return `[${[...wildcard, ...branches, ...leaves].join()}]`
}

/** `base` and `name` are encoded. */
function treeNode(base: string, name: string, isLeaf: boolean): string {
  const opens = isLeaf ? 0 : 1
  return `{"text":"${name}","id":"${base}${name}","allowChildren":${opens},"expandable":${opens},"leaf":${1 - opens},"context":{}}`
}

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
