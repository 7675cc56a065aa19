/** What one request may cost. Past a limit it ends in a KymoError instead of taking the thread and its memory. */
export interface QueryLimits {
  readonly maxTargets: number
  readonly maxTargetLength: number
  /** Series in the answer, a series counted each time a target names it. */
  readonly maxSeries: number
  /** Points in the answer before consolidation, nulls included. */
  readonly maxPoints: number
  /** Points of an answer that goes out while it is read, so that few of them are held at once. */
  readonly maxStreamedPoints: number
  /** Nodes of the tree that one pattern may match. */
  readonly maxNames: number
  readonly maxAnswerBytes: number
  /** Calls of functions, each counted for every window that it is evaluated over. */
  readonly maxPlannedCalls: number
  /** Points that functions put out, and steps that they take besides: what a query may cost in time. */
  readonly maxSteps: number
  /** Targets that functions put together inside of such targets. */
  readonly maxNestedTargets: number
}

export const DEFAULT_QUERY_LIMITS: QueryLimits = {
  maxTargets: 1_000,
  maxTargetLength: 65_536,
  maxSeries: 10_000,
  maxPoints: 5_000_000,
  maxStreamedPoints: 100_000_000,
  maxNames: 100_000,
  maxAnswerBytes: 128 * 1024 * 1024,
  maxPlannedCalls: 20_000,
  maxSteps: 2_000_000_000,
  maxNestedTargets: 8,
}

/** Limits where other numbers are set. What goes out while it is read may be twenty times as much as what is held. */
export function queryLimits(set: Pick<QueryLimits, 'maxSeries' | 'maxPoints'>): QueryLimits {
  return { ...DEFAULT_QUERY_LIMITS, ...set, maxStreamedPoints: set.maxPoints * STREAMED_TO_HELD }
}

const STREAMED_TO_HELD = 20
