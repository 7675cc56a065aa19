import { isDiskFull } from '../store/index.ts'
import type { Clock } from '../lib/clock.ts'
import { KymoError, reasonOf, type SerializedError, serializeError } from '../telemetry/errors.ts'
import type { Log } from '../telemetry/log.ts'

export interface StoreOutageOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly log: Log
  /** Called when an outage begins, becomes another one, and ends (null). */
  readonly onChange: (problem: SerializedError | null) => void
}

/**
 * What a person is told of a store that takes nothing: one line when it begins, one when memory is full of what waits, one
 * when it is over.
 */
export class StoreOutage {
  readonly #options: StoreOutageOptions
  #problem: KymoError | undefined
  #sinceMs = 0
  #droppedPoints = 0

  constructor(options: StoreOutageOptions) {
    this.#options = options
  }

  /** Why the store takes nothing; undefined: it does. */
  get problem(): KymoError | undefined {
    return this.#problem
  }

  /** The store took nothing because of this. What waits is tried again. */
  failed(error: unknown): void {
    const { clock, log, onChange } = this.#options
    const problem = problemOf(error)
    const isNew = this.#problem === undefined
    if (isNew) this.#sinceMs = clock.monotonicMs()
    if (this.#problem?.code === problem.code) return
    this.#problem = problem
    log.error(
      { code: problem.code, reason: problem.message, help: problem.help },
      'the store takes nothing; points wait in memory',
    )
    onChange(serializeError(problem))
  }

  dropped(points: number): void {
    if (this.#droppedPoints === 0)
      this.#options.log.error(
        { points },
        'more points wait for the store than are kept in memory; the oldest are dropped',
      )
    this.#droppedPoints += points
  }

  /** Everything that waited is safe. */
  ended(): void {
    if (this.#problem === undefined) return
    const { clock, log, onChange } = this.#options
    const lastedSeconds = Math.round((clock.monotonicMs() - this.#sinceMs) / 1_000)
    log.info({ lastedSeconds, droppedPoints: this.#droppedPoints }, 'the store takes points again')
    this.#problem = undefined
    this.#droppedPoints = 0
    onChange(null)
  }
}

/** A disk that is full is told apart from one that fails. */
function problemOf(error: unknown): KymoError {
  if (!(error instanceof KymoError)) return new KymoError('internal', { reason: reasonOf(error) })
  if (error.code !== 'store-write-failed' || !isDiskFull(error.cause)) return error
  return new KymoError('disk-full', error.details, { cause: error })
}
