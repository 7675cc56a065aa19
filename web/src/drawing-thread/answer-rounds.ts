import { ApiError, fetchTarget, problemOf } from '../api.ts'
import {
  type Aligned,
  alignSeries,
  copyAligned,
  NOTHING_ALIGNED,
  type SeriesColumn,
} from '../explore/aligned.ts'
import { statsOf } from '../explore/series-stats.ts'
import type { Answer, AnsweredSeries, AnsweredTarget, Ask } from './messages.ts'

export interface AnswerRoundsOptions {
  /** Those that changed since, together; `transfer` is the memory of their points. */
  readonly tell: (
    answers: readonly (readonly [id: number, answer: Answer])[],
    transfer: ArrayBuffer[],
  ) => void
  readonly after: (delayMs: number, run: () => void) => void
  readonly fetchTarget?: typeof fetchTarget
}

/** Charts that are drawn anew are drawn anew together, for as long as the slowest takes no longer than this. */
const TOGETHER_MS = 100

type ReadSeries = SeriesColumn & AnsweredSeries

interface ReadTarget extends AnsweredTarget {
  readonly series: readonly ReadSeries[]
}

interface Round {
  ask: Ask
  controller: AbortController
  /** By target. Until an answer is there, the one before stays. */
  readonly read: Map<string, ReadTarget>
  pending: number
  /** Nothing is shown of what was asked. */
  isFirst: boolean
  points: Aligned
  version: number
}

/**
 * Asks Kymo for what the charts of a page show. Every target is a request of its own, so that one with a mistake does not hide the others and the mistake
 * is shown where it was made. All of the range is asked for each time: what came late is there, and what functions say of the whole is true.
 */
export class AnswerRounds {
  readonly #options: AnswerRoundsOptions
  readonly #fetchTarget: typeof fetchTarget
  readonly #rounds = new Map<number, Round>()
  readonly #changed = new Set<Round>()
  #isWaiting = false

  constructor(options: AnswerRoundsOptions) {
    this.#options = options
    this.#fetchTarget = options.fetchTarget ?? fetchTarget
  }

  ask(ask: Ask): void {
    const round = this.#begin(ask)
    for (const target of wantedOf(ask)) void this.#fetch(round, target)
    if (round.pending === 0) this.#tell()
  }

  forget(id: number): void {
    const round = this.#rounds.get(id)
    if (round === undefined) return
    round.controller.abort()
    this.#rounds.delete(id)
    this.#changed.delete(round)
    this.#tellWhenDone()
  }

  /** undefined: there are others since. */
  pointsOf(id: number, version: number): Aligned | undefined {
    const round = this.#rounds.get(id)
    return round?.version === version ? round.points : undefined
  }

  #begin(ask: Ask): Round {
    const known = this.#rounds.get(ask.id)
    const round = known ?? {
      ask,
      controller: new AbortController(),
      read: new Map<string, ReadTarget>(),
      pending: 0,
      isFirst: true,
      points: NOTHING_ALIGNED,
      version: 0,
    }
    this.#rounds.set(ask.id, round)
    const wanted = wantedOf(ask)
    const unwanted = [...round.read.keys()].filter((target) => !wanted.includes(target))
    for (const target of unwanted) round.read.delete(target)
    if (unwanted.length > 0) this.#changed.add(round)
    round.isFirst = wanted.some((target) => !round.read.has(target))
    round.controller.abort()
    round.controller = new AbortController()
    round.ask = ask
    round.pending = wanted.length
    if (wanted.length === 0) this.#changed.add(round)
    if (unwanted.length > 0) this.#tell()
    return round
  }

  async #fetch(round: Round, target: string): Promise<void> {
    const { ask } = round
    const { signal } = round.controller
    const read = await this.#read(ask, target, signal)
    if (signal.aborted) return
    round.read.set(target, read)
    round.pending--
    this.#changed.add(round)
    if (round.isFirst && round.pending === 0) this.#tell()
    else this.#tellWhenDone()
  }

  async #read(ask: Ask, target: string, signal: AbortSignal): Promise<ReadTarget> {
    const { span, maxDataPoints, zone, dashboard } = ask
    try {
      const { fromSeconds, untilSeconds } = span
      const answer = await this.#fetchTarget(
        { target, fromSeconds, untilSeconds, maxDataPoints, zone, dashboard },
        signal,
      )
      const series = answer.map(({ datapoints, ...one }) => {
        const times = Float64Array.from(datapoints, ([, seconds]) => seconds)
        const values = Float64Array.from(datapoints, ([value]) => value ?? Number.NaN)
        return { ...one, times, values, stats: statsOf(values) }
      })
      return { target, problem: null, series, hasValues: series.some(({ stats }) => stats.last !== null) }
    } catch (error) {
      const problem =
        error instanceof ApiError ? problemOf(error) : 'Kymo does not answer; it is asked again by itself.'
      return { target, problem, series: [], hasValues: false }
    }
  }

  #tellWhenDone(): void {
    if (this.#changed.size === 0) return
    if ([...this.#rounds.values()].every(({ pending }) => pending === 0)) {
      this.#tell()
    } else if (!this.#isWaiting) {
      this.#isWaiting = true
      this.#options.after(TOGETHER_MS, () => {
        this.#isWaiting = false
        this.#tell()
      })
    }
  }

  #tell(): void {
    if (this.#changed.size === 0) return
    const transfer: ArrayBuffer[] = []
    const answers = [...this.#changed].map((round) => {
      const { answer, buffer } = answerOf(round)
      transfer.push(buffer)
      return [round.ask.id, answer] as const
    })
    this.#changed.clear()
    this.#options.tell(answers, transfer)
  }
}

function wantedOf({ targets }: Ask): string[] {
  return [...new Set(targets.map((target) => target.trim()))].filter(Boolean)
}

function answerOf(round: Round): { answer: Answer; buffer: ArrayBuffer } {
  const { ask, read } = round
  const series = chosenOf(ask, read)
  round.points = alignSeries(series.slice(0, ask.mostDrawn))
  round.version++
  const { copy, buffer } = copyAligned(round.points)
  const answer = {
    span: ask.span,
    targets: [...read.values()].map(({ target, problem, hasValues }) => ({ target, problem, hasValues })),
    series: series.map(({ target, stepSeconds, readStepSeconds, stats }) => ({
      target,
      stepSeconds,
      readStepSeconds,
      stats,
    })),
    points: { ...copy, id: ask.id, version: round.version },
    isWhole: round.pending === 0,
  }
  return { answer, buffer }
}

const NO_POINTS = new Float64Array()

function chosenOf({ targets, names }: Ask, read: ReadonlyMap<string, ReadTarget>): ReadSeries[] {
  const all = targets.flatMap((target) => read.get(target.trim())?.series ?? [])
  if (names === null) return all
  const byName = new Map(all.map((one) => [one.target, one]))
  return names.map(
    (name) =>
      byName.get(name) ?? {
        target: name,
        stepSeconds: 0,
        readStepSeconds: null,
        stats: statsOf([]),
        times: NO_POINTS,
        values: NO_POINTS,
      },
  )
}
