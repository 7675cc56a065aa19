import { ApiError, problemOf, type RenderedSeries, type RenderRequest } from './api.ts'
import { extremeKey, readExtremeKey } from './extremes.ts'
import { joinPoints, type PointRange, readPoints, type SeriesPoints } from './series-points.ts'
import type { TimeWindow } from './time-range.ts'

export interface LoaderState {
  /** By series key, or that of its lows or highs (extremes.ts). They may be of an older window than the page's while the next answer is under way. */
  readonly series: ReadonlyMap<string, SeriesPoints>
  /** Why Kymo refuses a series, whatever the window; it is not asked for again. */
  readonly refusals: ReadonlyMap<string, string>
  /** Why the last round failed; null: it did not. */
  readonly problem: string | null
}

export type Render = (request: RenderRequest, signal: AbortSignal) => Promise<readonly RenderedSeries[]>

const BATCH_SERIES = 40
/** Points may arrive late: this much of what is known is asked for again. */
const OVERLAP_SECONDS = 120

/**
 * Keeps the points of what is on the screen. Points come as they are stored, not merged: `/render` merges by the
 * mean, as Graphite does, and the mean of counts is no count. They are fetched once; when the window moves on, only
 * its new end.
 *
 * One round is under way at a time and fetches, in batches, what is wanted and not yet there for the window; what is
 * asked for meanwhile is taken up by the next round, so frequent flushes cannot starve a slow answer. Another span
 * makes the round pointless: it is aborted.
 */
export class SeriesLoader {
  readonly #render: Render
  readonly #listeners = new Set<() => void>()
  #state: LoaderState = { series: new Map(), refusals: new Map(), problem: null }
  #wanted: readonly string[] = []
  #window: TimeWindow | null = null
  #round: { readonly controller: AbortController; readonly window: TimeWindow } | null = null

  constructor(render: Render) {
    this.#render = render
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly getState = (): LoaderState => this.#state

  want(keys: readonly string[], window: TimeWindow): void {
    this.#wanted = keys
    this.#window = window
    if (this.#round !== null && this.#round.window.spanSeconds !== window.spanSeconds) {
      this.#round.controller.abort()
      this.#round = null
    }
    if (this.#round === null) void this.#run()
  }

  close(): void {
    this.#round?.controller.abort()
    this.#round = null
    this.#window = null
  }

  async #run(): Promise<void> {
    // What failed in this window is not asked for again before it moves.
    const tried = new Set<string>()
    let triedIn: TimeWindow | null = null
    for (;;) {
      const window = this.#window
      if (window === null) return
      if (window !== triedIn) tried.clear()
      triedIn = window
      const missing = this.#wanted.filter((key) => !tried.has(key) && !this.#isSettled(key, window))
      if (missing.length === 0) break
      for (const key of missing) tried.add(key)
      const round = { controller: new AbortController(), window }
      this.#round = round
      await this.#fetchRound(missing, window, round.controller.signal)
      // Someone else has taken over.
      if (this.#round !== round) return
    }
    this.#round = null
  }

  #isSettled(key: string, window: TimeWindow): boolean {
    if (this.#state.refusals.has(key)) return true
    const points = this.#state.series.get(key)
    return points !== undefined && coversStart(points, window) && points.untilSeconds >= window.untilSeconds
  }

  async #fetchRound(missing: readonly string[], window: TimeWindow, signal: AbortSignal): Promise<void> {
    let problem: string | null = null
    for (const { range, keys } of this.#inBatches(missing, window)) {
      try {
        const answers = await this.#fetchBatch(keys, range, signal)
        if (signal.aborted) return
        this.#take(keys, answers, range, window)
      } catch (error) {
        if (signal.aborted) return
        problem = problemOf(error)
      }
    }
    this.#set({ ...this.#state, problem })
  }

  /** Batches of one range each: the whole window for what is new, its end for what is there. */
  #inBatches(keys: readonly string[], window: TimeWindow): { range: PointRange; keys: string[] }[] {
    const byFrom = new Map<number, string[]>()
    for (const key of keys) {
      const points = this.#state.series.get(key)
      const fromSeconds =
        points !== undefined && coversStart(points, window)
          ? Math.max(points.fromSeconds, points.untilSeconds - OVERLAP_SECONDS)
          : startOf(window)
      const group = byFrom.get(fromSeconds) ?? []
      group.push(key)
      byFrom.set(fromSeconds, group)
    }
    return [...byFrom].flatMap(([fromSeconds, group]) =>
      Array.from({ length: Math.ceil(group.length / BATCH_SERIES) }, (_, batch) => ({
        range: { fromSeconds, untilSeconds: window.untilSeconds },
        keys: group.slice(batch * BATCH_SERIES, (batch + 1) * BATCH_SERIES),
      })),
    )
  }

  /**
   * One name that Kymo refuses must not hide the others: a refused batch is asked for again in halves, until the
   * name stands alone and is left out.
   */
  async #fetchBatch(
    keys: readonly string[],
    range: PointRange,
    signal: AbortSignal,
  ): Promise<readonly RenderedSeries[]> {
    try {
      return await this.#render({ targets: keys.map(loadedTarget), ...range }, signal)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status < 400 || error.status >= 500) throw error
      const [key, ...others] = keys
      if (key === undefined) return []
      if (others.length === 0) {
        this.#set({ ...this.#state, refusals: new Map(this.#state.refusals).set(key, problemOf(error)) })
        return []
      }
      const middle = Math.ceil(keys.length / 2)
      return [
        ...(await this.#fetchBatch(keys.slice(0, middle), range, signal)),
        ...(await this.#fetchBatch(keys.slice(middle), range, signal)),
      ]
    }
  }

  #take(
    keys: readonly string[],
    answers: readonly RenderedSeries[],
    range: PointRange,
    window: TimeWindow,
  ): void {
    const byTarget = new Map(answers.map((answer) => [answer.target, answer]))
    const series = new Map(this.#state.series)
    for (const key of keys) {
      const points = readPoints(byTarget.get(key), range)
      const known = series.get(key)
      const isContinued = known !== undefined && range.fromSeconds > startOf(window)
      series.set(key, isContinued ? joinPoints(known, points, startOf(window)) : points)
    }
    this.#set({ ...this.#state, series })
  }

  #set(state: LoaderState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

/**
 * A target that matches the key. A tagged key is looked up as it is, so its symbols need only be escaped, and dots
 * where a target would miss a name between them. Any other
 * is a pattern: what would be a wildcard in it, and what a target may not hold, is asked for as "any character", and
 * of the answers only the one with the right name is taken.
 */
export function targetOf(key: string): string {
  if (key.includes(';')) return key.replace(/[(){},'"\\|]|\.(?=\.|$)/g, '\\$&')
  return key.replace(/[*?[\]{}]|[^\x21-\x7e]/gu, '?').replace(/[(),'"\\|]/g, '\\$&')
}

/** The same of what is loaded: a series, or its lows or highs. */
function loadedTarget(key: string): string {
  const extreme = readExtremeKey(key)
  return extreme === undefined ? targetOf(key) : extremeKey(targetOf(extreme.key), extreme.extreme)
}

/** Somewhat before the window, so that the first of its merged points is whole. */
function startOf(window: TimeWindow): number {
  return window.untilSeconds - Math.ceil(window.spanSeconds * 1.05)
}

function coversStart(points: SeriesPoints, window: TimeWindow): boolean {
  return points.fromSeconds <= window.untilSeconds - window.spanSeconds
}
