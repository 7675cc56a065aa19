import type { Captures } from './template.ts'

export interface GlobMatch {
  /** Index of the rule. */
  readonly rule: number
  /** What the wildcards took, from index 1 on. */
  readonly captures: Captures
}

/**
 * All globs as one state machine: a tree with one level per node of a name, in which `*` takes exactly one node.
 *
 *   a.*.c   rule 0          (a)-+-*--(c) 0
 *   a.b.*   rule 1              +-(b)-*  1
 *
 * By the order of the file, the first rule that matches counts, so all ways are tried that could lead to an earlier one. Without it, a
 * node's own text goes before `*`, from the left, and the first way that ends at a rule counts. No state is visited twice, so a
 * name costs no more than there are states.
 */
export class GlobStates {
  readonly #root = newState()
  readonly #isOrderOff: boolean

  constructor(isOrderOff: boolean) {
    this.#isOrderOff = isOrderOff
  }

  /** Rules are added in the order of the file. Of two with one glob, the first counts. */
  add(glob: string, rule: number): void {
    let state = this.#root
    for (const node of glob.split('.')) {
      state.firstRule = Math.min(state.firstRule, rule)
      state = node === '*' ? (state.any ??= newState()) : childOf(state, node)
    }
    state.firstRule = Math.min(state.firstRule, rule)
    state.rule ??= rule
  }

  find(name: string): GlobMatch | undefined {
    const search: Search = {
      nodes: name.split('.'),
      isOrderOff: this.#isOrderOff,
      taken: [undefined],
      best: undefined,
    }
    visit(this.#root, 0, search)
    return search.best
  }
}

interface State {
  readonly children: Map<string, State>
  any: State | undefined
  /** The rule that ends here. */
  rule: number | undefined
  /** The first of those that end here or below. */
  firstRule: number
}

interface Search {
  readonly nodes: readonly string[]
  readonly isOrderOff: boolean
  readonly taken: (string | undefined)[]
  best: GlobMatch | undefined
}

function newState(): State {
  return { children: new Map(), any: undefined, rule: undefined, firstRule: Number.POSITIVE_INFINITY }
}

function childOf(state: State, node: string): State {
  const known = state.children.get(node)
  if (known !== undefined) return known
  const child = newState()
  state.children.set(node, child)
  return child
}

/** No deeper than the longest glob. */
function visit(state: State, depth: number, search: Search): void {
  const { nodes, isOrderOff, taken, best } = search
  if (best !== undefined && (isOrderOff || state.firstRule >= best.rule)) return
  const node = nodes[depth]
  if (node === undefined) {
    if (state.rule !== undefined) search.best = { rule: state.rule, captures: [...taken] }
    return
  }
  const child = state.children.get(node)
  if (child !== undefined) visit(child, depth + 1, search)
  if (state.any === undefined) return
  taken.push(node)
  visit(state.any, depth + 1, search)
  taken.pop()
}
