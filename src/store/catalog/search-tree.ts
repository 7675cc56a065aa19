import type { NodeMatcher, StepBudget } from '../../lib/glob.ts'
import { NONE, type PathTree, ROOT } from './path-tree.ts'

export interface TreeSearch {
  readonly tree: PathTree
  /** Lists of matchers, one for each depth; see lib/glob.ts. */
  readonly alternatives: readonly (readonly NodeMatcher[])[]
  /** Shared by all that the search does; once it is used up, the search ends early. */
  readonly budget: StepBudget
  /** Called for each match; once for each alternative that matches it. */
  readonly visit: (node: number) => void
}

/** Looking at one child, in steps of the budget: about as long as comparing so many characters. */
const STEPS_PER_CHILD = 8

export function searchTree(search: TreeSearch): void {
  for (const matchers of search.alternatives) searchByDepth(search, matchers)
}

/** With a list of its own instead of recursion: a name may have tens of thousands of nodes. */
function searchByDepth(search: TreeSearch, matchers: readonly NodeMatcher[]): void {
  const { tree, budget, visit } = search
  const literalNames = new Map<NodeMatcher, readonly number[]>()
  /** Places whose children are still to be looked at: a node, and its depth. */
  const waiting = [ROOT, 0]
  while (waiting.length > 0) {
    const depth = waiting.pop() as number
    const parent = waiting.pop() as number
    const matcher = matchers[depth]
    if (matcher === undefined) continue
    const isLast = depth === matchers.length - 1
    const take = (node: number): void => {
      if (isLast) visit(node)
      else if (tree.firstChildOf(node) !== NONE) waiting.push(node, depth + 1)
    }
    if (matcher.literals !== undefined) {
      let names = literalNames.get(matcher)
      if (names === undefined) {
        names = namesOf(tree, matcher.literals, budget)
        literalNames.set(matcher, names)
      }
      for (const name of names) {
        if ((budget.stepsLeft -= STEPS_PER_CHILD) < 0) return
        const node = tree.childOf(parent, name)
        if (node !== NONE) take(node)
      }
      continue
    }
    for (let node = tree.firstChildOf(parent); node !== NONE; node = tree.nextOf(node)) {
      if ((budget.stepsLeft -= STEPS_PER_CHILD) < 0) return
      if (matcher.isEverything || matcher.matches(tree.nameOf(node), budget)) take(node)
    }
  }
}

/** Those that anything is called by. */
function namesOf({ names }: PathTree, literals: readonly string[], budget: StepBudget): number[] {
  budget.stepsLeft -= literals.length * STEPS_PER_CHILD
  return literals.map((literal) => names.find(literal)).filter((name) => name >= 0)
}
