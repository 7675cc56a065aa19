import type { Slices } from '../../lib/slices.ts'
import { NONE, type PathTree, ROOT } from './path-tree.ts'

/** All series of the tree whose path begins so, in no order. Those that come meanwhile may be met or not. */
export function* allLeaves(
  tree: PathTree,
  prefix: string,
  take: (row: number, path: string) => void,
): Slices<void> {
  const looking = tree.beginLooking()
  try {
    const waiting: { readonly node: number; readonly path: string }[] = []
    let steps = 0
    for (let node = ROOT, above = ''; ; ) {
      for (let child = tree.firstChildOf(node); child !== NONE; child = tree.nextOf(child)) {
        if (++steps % NODES_IN_A_SLICE === 0) yield
        if (!tree.has(child)) continue
        const path = above + tree.names.text(tree.nameOf(child))
        // Below a path that is shorter than the prefix there may be what begins with it.
        const isBelow = path.startsWith(prefix)
        if (!isBelow && !prefix.startsWith(`${path}.`)) continue
        const row = tree.rowOf(child)
        if (isBelow && row >= 0) take(row, path)
        if (tree.firstChildOf(child) !== NONE) waiting.push({ node: child, path })
      }
      const next = waiting.pop()
      if (next === undefined) return
      node = next.node
      above = `${next.path}.`
    }
  } finally {
    tree.endLooking(looking)
  }
}

const NODES_IN_A_SLICE = 128
