import type { EventQuery } from '../../store/events.ts'
import type { QuerySeries } from '../query-series.ts'
import type { QueryWindow } from '../query-window.ts'
import type { TimeZone } from '../time-zone.ts'

/** What a function is told about the call that it answers, and what it may do besides computing. */
export interface FunctionCall {
  readonly window: QueryWindow
  /** Those that the function declared: what its expression has been fetched over. */
  readonly windows: readonly QueryWindow[]
  /** What `setXFilesFactor` inside the call or the request says; undefined: nothing. */
  readonly xFilesFactor: number | undefined
  readonly nowSeconds: number
  readonly timeZone: TimeZone
  /** How many points of a series are wanted in the end; undefined: all that there are. */
  readonly maxDataPoints: number | undefined
  /** Evaluates targets that the function has put together, over the call's window; the series of each. */
  evaluateTargets(targets: readonly string[]): Promise<(readonly QuerySeries[])[]>
  /** Calls a function by its name (`sumSeries`), or an aggregation (`sum`), with one list of series for each argument. */
  apply(name: string, lists: readonly (readonly QuerySeries[])[]): Promise<readonly QuerySeries[]>
  /** When the events were that match, in milliseconds. Throws the KymoErrors of the event store. */
  findEventTimes(query: EventQuery): Promise<readonly number[]>
  /**
   * To be told by functions that give more points than they take in, before they make them, how many more. Throws the KymoError
   * `too-many-points` when those of the whole query are more than a request may have.
   */
  reserve(points: number): void
  /**
   * Counts work that is more than a few steps for each point taken in and put out; lets the query be cancelled now and then.
   * Throws the KymoError `query-too-large`.
   */
  work(steps: number): Promise<void>
  /** Sums of what `stacked` has stacked up in this request, by name of the stack. */
  readonly stacks: Map<string, number[]>
  random(): number
  /** Ends the query with the KymoError `argument-invalid`. The reason is a clause: "2 series cannot be divided by 3". */
  fail(reason: string): never
}

/** An argument that the function evaluates itself, over the windows that it declared, or others. */
export interface SeriesExpression {
  over(window: QueryWindow): Promise<readonly QuerySeries[]>
}
