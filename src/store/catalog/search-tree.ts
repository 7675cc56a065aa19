import type { NodeMatcher, StepBudget } from '../../lib/glob.ts'
import { PathStates, type PathState } from '../../lib/path-states.ts'
import type { Slices } from '../../lib/slices.ts'
import { MatchedNames } from './matched-names.ts'
import { NONE, type PathTree, ROOT } from './path-tree.ts'

export interface TreeSearch {
  readonly tree: PathTree
  /** Lists of matchers; see lib/glob.ts. */
  readonly alternatives: readonly (readonly NodeMatcher[])[]
  /** Shared by all that the search does; once it is used up, the search ends early. */
  readonly budget: StepBudget
  /** Called for each match; once for each alternative that matches it. */
  readonly visit: (node: number) => void
}

/** Looking at one child, in steps of the budget: about as long as comparing so many characters. */
const STEPS_PER_CHILD = 8
const STEPS_IN_A_SLICE = 8_192

/** The tree has to be told, by `beginLooking`, that somebody looks. Nodes that come meanwhile may be met or not. */
export function* searchTree(search: TreeSearch): Slices<void> {
  for (const matchers of search.alternatives) {
    if (search.budget.stepsLeft < 0) return
    yield
    yield* searchAlternative(search, matchers)
  }
}

/** With a list of its own instead of recursion: a name may have tens of thousands of nodes. */
function* searchAlternative(search: TreeSearch, matchers: readonly NodeMatcher[]): Slices<void> {
  const { tree, budget, visit } = search
  const states = new PathStates(matchers)
  const names: MatchedNames[] = []
  /** Whose children are still to be looked at, and how far their paths have come. */
  const waiting: { readonly node: number; readonly state: PathState }[] = [
    { node: ROOT, state: states.start },
  ]
  const take = (node: number, state: PathState): void => {
    if (state.isMatch) visit(node)
    if (state.waiting.length > 0 && tree.firstChildOf(node) !== NONE) waiting.push({ node, state })
  }
  let sliceEnd = budget.stepsLeft - STEPS_IN_A_SLICE
  for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
    const { node, state } = parent
    for (const place of state.waiting) {
      const matcher = matchers[place]
      if (matcher !== undefined) names[place] ??= new MatchedNames(tree.names, matcher, budget)
    }
    const literals = state.waiting.length === 1 ? names[state.waiting[0] as number]?.literals : undefined
    if (literals !== undefined) {
      const following = states.next(state, () => true)
      for (const name of literals) {
        if ((budget.stepsLeft -= STEPS_PER_CHILD) < 0) return
        if (budget.stepsLeft < sliceEnd) {
          yield
          sliceEnd = budget.stepsLeft - STEPS_IN_A_SLICE
        }
        const child = tree.childOf(node, name)
        if (child !== NONE) take(child, following)
      }
      continue
    }
    let child = tree.firstChildOf(node)
    const matches = (place: number): boolean => names[place]?.matches(tree.nameOf(child)) === true
    for (; child !== NONE; child = tree.nextOf(child)) {
      if ((budget.stepsLeft -= STEPS_PER_CHILD * state.waiting.length) < 0) return
      if (budget.stepsLeft < sliceEnd) {
        yield
        sliceEnd = budget.stepsLeft - STEPS_IN_A_SLICE
      }
      take(child, states.next(state, matches))
    }
  }
}
