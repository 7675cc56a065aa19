import { createSeriesLimits, type SeriesLimits } from '../admission/index.ts'
import type { AdmittedType } from '../admission/admitted-type.ts'
import type { SeriesLimitsOptions } from '../admission/options.ts'
import type { LimitsStatus } from '../api/services.ts'
import type { Clock } from '../lib/clock.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { Log } from '../telemetry/log.ts'
import type { Counter, OwnMetrics } from '../telemetry/own-metrics.ts'

export interface LimitWatchOptions {
  readonly limits: SeriesLimitsOptions
  readonly clock: Clock
  readonly log: Log
  readonly metrics: OwnMetrics
  /** Whether the store has had this metric. */
  readonly isKnown: (key: SeriesKey, type: AdmittedType) => boolean
}

/** Of more a person reads no more. */
const MOST_OFFENDERS = 10
const HOUR_MS = 3_600_000
/** A flood of names must not become one of log lines. */
const LOG_EVERY_MS = 10 * 60_000

/** The limits on metrics, and what is told of those that they refuse: in the status, in own metrics and in the log. */
export class LimitWatch {
  readonly #clock: Clock
  readonly #log: Log
  readonly #refusedCounter: Counter
  readonly #isKnown: LimitWatchOptions['isKnown']
  #limits: SeriesLimits
  #refused = 0
  #toldRefused = 0
  #lastRefusedMs: number | null = null
  #loggedAtMs = Number.NEGATIVE_INFINITY

  constructor({ limits, clock, log, metrics, isKnown }: LimitWatchOptions) {
    this.#clock = clock
    this.#isKnown = isKnown
    this.#log = log
    this.#refusedCounter = metrics.counter('kymo_over_limit_metrics_total')
    this.#limits = this.#create(limits)
  }

  /** Others after `reconfigure`. */
  get limits(): SeriesLimits {
    return this.#limits
  }

  /** Goes on with other limits: what was refused stays counted, offenders are those against the new ones. */
  reconfigure(limits: SeriesLimitsOptions): void {
    this.#limits = this.#create(limits)
    // Whether these are high enough is what somebody wants to know now.
    this.#loggedAtMs = Number.NEGATIVE_INFINITY
  }

  /** To be asked once for each flush. */
  report(flushTimestampMs: number): LimitsStatus {
    const offenders = this.#limits.offenders().slice(0, MOST_OFFENDERS)
    if (this.#refused > this.#toldRefused) {
      this.#toldRefused = this.#refused
      this.#lastRefusedMs = flushTimestampMs
      this.#tell(offenders)
    }
    return { refused: this.#refused, lastRefusedMs: this.#lastRefusedMs, offenders }
  }

  #create(limits: SeriesLimitsOptions): SeriesLimits {
    return createSeriesLimits(limits, {
      onRefused: () => {
        this.#refused += 1
        this.#refusedCounter.add(1)
      },
      hour: () => Math.floor(this.#clock.nowMs() / HOUR_MS),
      isKnown: this.#isKnown,
    })
  }

  #tell([worst]: LimitsStatus['offenders']): void {
    const nowMs = this.#clock.monotonicMs()
    if (worst === undefined || nowMs - this.#loggedAtMs < LOG_EVERY_MS) return
    this.#loggedAtMs = nowMs
    this.#log.warn(
      {
        limit: worst.limit.series,
        ...(worst.limit.prefix === '' ? {} : { limitPrefix: worst.limit.prefix }),
        refused: this.#refused,
        worst: worst.prefix,
        examples: worst.examples,
      },
      'a limit on metrics is full: new ones are added up as __over_limit__, points of new series are refused',
    )
  }
}
