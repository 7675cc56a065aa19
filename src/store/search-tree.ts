import type { NodeMatcher, StepBudget } from '../lib/glob.ts'

/** A node of a tree of names; its own name is the key it has among its parent's children. */
export interface SearchableNode<Node> {
  /** undefined: none. */
  readonly children: ReadonlyMap<string, Node> | undefined
}

export interface TreeSearch<Node> {
  readonly root: Node
  /** Lists of matchers, one for each depth; see lib/glob.ts. */
  readonly alternatives: readonly (readonly NodeMatcher[])[]
  /** Shared by all that the search does; once it is used up, the search ends early. */
  readonly budget: StepBudget
  /** Called for each match, with its path; once for each alternative that matches it. */
  readonly visit: (node: Node, path: string) => void
}

/** Looking at one child, in steps of the budget: about as long as comparing so many characters. */
const STEPS_PER_CHILD = 8

export function searchTree<Node extends SearchableNode<Node>>(search: TreeSearch<Node>): void {
  for (const matchers of search.alternatives) searchByDepth(search, matchers)
}

/** A place whose children are still to be looked at. */
interface Place<Node> {
  readonly node: Node
  readonly path: string
  readonly depth: number
}

/** With a list of its own instead of recursion: a name may have tens of thousands of nodes. */
function searchByDepth<Node extends SearchableNode<Node>>(
  { root, budget, visit }: TreeSearch<Node>,
  matchers: readonly NodeMatcher[],
): void {
  const waiting: Place<Node>[] = [{ node: root, path: '', depth: 0 }]
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const { path, depth } = place
    const matcher = matchers[depth]
    const { children } = place.node
    if (matcher === undefined || children === undefined) continue
    for (const name of matcher.literals ?? children.keys()) {
      if ((budget.stepsLeft -= STEPS_PER_CHILD) < 0) return
      if (matcher.literals === undefined && !matcher.matches(name, budget)) continue
      const node = children.get(name)
      if (node === undefined) continue
      const childPath = depth === 0 ? name : `${path}.${name}`
      if (depth === matchers.length - 1) visit(node, childPath)
      else if (node.children !== undefined) waiting.push({ node, path: childPath, depth: depth + 1 })
    }
  }
}
