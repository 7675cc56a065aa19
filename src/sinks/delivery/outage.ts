import { escapeForTerminal } from '../../telemetry/escape-for-terminal.ts'
import type { Log } from '../../telemetry/log.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { Clock } from '../../lib/clock.ts'

export type Trouble = 'unreachable' | 'refusing'

/**
 * What a person is told of a sink in trouble: one line when it begins, one when the queue overflows, one when it is
 * over. Retries in between are counted, not logged.
 */
export class Outage {
  readonly #sinkName: string
  readonly #clock: Clock
  readonly #log: Log
  #trouble: Trouble | undefined
  #sinceMs = 0
  #hasOverflowed = false
  #hasLeftOut = false
  #droppedPoints = 0
  #lastError: string | null = null
  #lastCode: string | null = null
  #lastHelp: string | null = null

  constructor(sinkName: string, clock: Clock, log: Log) {
    this.#sinkName = sinkName
    this.#clock = clock
    this.#log = log
  }

  /** Why the sink does not deliver; null while it does. */
  get lastError(): string | null {
    return this.#lastError
  }

  /** Of the error, if it is one of the catalog. */
  get lastCode(): string | null {
    return this.#lastCode
  }

  get lastHelp(): string | null {
    return this.#lastHelp
  }

  /** undefined: there is none. */
  get trouble(): Trouble | undefined {
    return this.#trouble
  }

  /** The sink cannot be reached; the batch will be tried again. */
  unreachable(error: unknown): void {
    if (!this.#enter('unreachable', error)) return
    this.#log.warn(this.#fields(error), 'a sink does not deliver; its batches wait in memory')
  }

  /** The sink would not take the batch, and never will. */
  refused(error: unknown, points: number): void {
    const isNew = this.#enter('refusing', error)
    this.#droppedPoints += points
    if (isNew)
      this.#log.error(this.#fields(error), 'a sink refuses what it is given; it is dropped and counted')
  }

  overflowed(points: number): void {
    this.#droppedPoints += points
    if (this.#hasOverflowed) return
    this.#hasOverflowed = true
    this.#log.warn({ sink: this.#sinkName }, 'the queue of a sink is full; its oldest points are dropped')
  }

  /** The sink took a batch but for some points. Told once: what causes it tends to stay. */
  leftOut(points: number): void {
    if (this.#hasLeftOut) return
    this.#hasLeftOut = true
    this.#log.warn(
      { sink: this.#sinkName, points },
      'a sink leaves out points that it can never carry; they are counted as refused',
    )
  }

  delivered(): void {
    if (this.#trouble === undefined && !this.#hasOverflowed) return
    const lastedMs = this.#trouble === undefined ? 0 : this.#clock.monotonicMs() - this.#sinceMs
    this.#log.info(
      {
        sink: this.#sinkName,
        lastedSeconds: Math.round(lastedMs / 1000),
        droppedPoints: this.#droppedPoints,
      },
      'a sink delivers again',
    )
    this.#trouble = undefined
    this.#hasOverflowed = false
    this.#droppedPoints = 0
    this.#lastError = null
    this.#lastCode = null
    this.#lastHelp = null
  }

  /** True when this kind of trouble is new. */
  #enter(trouble: Trouble, error: unknown): boolean {
    this.#lastError = escapeForTerminal(reasonOf(error))
    this.#lastCode = error instanceof KymoError ? error.code : null
    this.#lastHelp = error instanceof KymoError ? error.help : null
    if (this.#trouble === trouble) return false
    if (this.#trouble === undefined) this.#sinceMs = this.#clock.monotonicMs()
    this.#trouble = trouble
    return true
  }

  #fields(error: unknown): Record<string, unknown> {
    const fields = { sink: this.#sinkName, error: reasonOf(error) }
    if (error instanceof KymoError) return { ...fields, help: error.help }
    // Not from the catalog: a bug in the sink, and the stack says where.
    return { ...fields, stack: error instanceof Error ? error.stack : undefined }
  }
}
