import type { NodeMatcher } from './glob.ts'

/**
 * How far a path has come in a pattern, node by node. Without `**` that is one place; behind a `**` it may be several:
 *
 *   a.**.b      places  0 a   1 **   2 b   3 the end
 *   nothing {0}   a {1 2}   a.x {1 2}   a.x.b {1 2 3}: a match, from which it can go on
 *
 * The same places are the same state, made once.
 */
export interface PathState {
  /** Places whose node the next one of the path is held against; none: nothing below can match. */
  readonly waiting: readonly number[]
  /** The path as it is matches. */
  readonly isMatch: boolean
  /** By which of the waiting places the next node matched: bits, lowest place first. Of few places in a list. */
  readonly following: (PathState | undefined)[]
  manyFollowing: Map<number | string, PathState> | undefined
}

export class PathStates {
  readonly start: PathState
  readonly #matchers: readonly NodeMatcher[]
  readonly #known = new Map<string, PathState>()

  constructor(matchers: readonly NodeMatcher[]) {
    this.#matchers = matchers
    this.start = this.#stateOf([0])
  }

  /** After one more node, which matched these of the state's places; a `**` matches everything. */
  next(state: PathState, matches: (place: number) => boolean): PathState {
    const { waiting } = state
    if (waiting.length <= FEW_PLACES) {
      let few = 0
      for (let index = 0; index < waiting.length; index++)
        if (matches(waiting[index] as number)) few |= 1 << index
      return (state.following[few] ??= this.#after(state, (index) => (few & (1 << index)) !== 0))
    }
    let bits: number | string = 0
    if (waiting.length <= MOST_BITS) {
      for (let index = 0; index < waiting.length; index++)
        if (matches(waiting[index] as number)) bits |= 1 << index
    } else bits = waiting.map((place) => (matches(place) ? '1' : '0')).join('')
    state.manyFollowing ??= new Map()
    let next = state.manyFollowing.get(bits)
    if (next === undefined) {
      next = this.#after(state, (index) =>
        typeof bits === 'string' ? bits[index] === '1' : (bits & (1 << index)) !== 0,
      )
      state.manyFollowing.set(bits, next)
    }
    return next
  }

  #after({ waiting }: PathState, isMatch: (index: number) => boolean): PathState {
    return this.#stateOf(
      waiting
        .filter((_, index) => isMatch(index))
        .map((place) => (this.#matchers[place]?.isGlobstar === true ? place : place + 1)),
    )
  }

  #stateOf(places: readonly number[]): PathState {
    const end = this.#matchers.length
    const reached = this.#reach(places)
    const waiting = reached.filter((place) => place < end)
    const isMatch = waiting.length < reached.length
    const key = `${waiting.join()}${isMatch ? '!' : ''}`
    let state = this.#known.get(key)
    if (state === undefined) {
      state = { waiting, isMatch, following: [], manyFollowing: undefined }
      this.#known.set(key, state)
    }
    return state
  }

  /** These places and those that can be come to from them by nothing, the first ones first. */
  #reach(places: readonly number[]): readonly number[] {
    const [only] = places
    // Fast path: so it is without a `**`.
    if (only !== undefined && places.length === 1 && this.#matchers[only]?.isGlobstar !== true) return places
    const reached = new Set<number>()
    for (const first of places)
      for (let place = first; !reached.has(place); place++) {
        reached.add(place)
        // A `**` may stand for nothing.
        if (this.#matchers[place]?.isGlobstar !== true) break
      }
    return [...reached].sort((a, b) => a - b)
  }
}

/** Whether a path, given as its nodes, matches one of the alternatives of a pattern. */
export function matchesPath(
  alternatives: readonly (readonly NodeMatcher[])[],
  nodes: readonly string[],
): boolean {
  return alternatives.some((matchers) => {
    const states = new PathStates(matchers)
    let state = states.start
    for (const node of nodes) {
      if (state.waiting.length === 0) return false
      state = states.next(state, (place) => matchers[place]?.matches(node) === true)
    }
    return state.isMatch
  })
}

const FEW_PLACES = 3
const MOST_BITS = 30
