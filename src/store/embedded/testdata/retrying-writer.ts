// Writes as workers/store-writer.ts does: what failed is written again, and so is all that a failed sync was for.
import { KymoError } from '../../../telemetry/errors.ts'
import type { OpenStore } from '../../open-store.ts'
import { type Operation, operationsOf, perform } from './history.ts'
import type { StoreModel } from './store-model.ts'

export class RetryingWriter {
  readonly #model: StoreModel
  readonly #complaints: string[]
  #queue: Operation[] = []
  #written = 0

  constructor(model: StoreModel, complaints: string[]) {
    this.#model = model
    this.#complaints = complaints
  }

  get waiting(): number {
    return this.#queue.length
  }

  /** Nothing is kept over a restart. */
  restart(): void {
    this.#queue = []
    this.#written = 0
  }

  async write({ engine }: OpenStore, seed: number, step: number): Promise<void> {
    this.#queue.push(...operationsOf(seed, step))
    try {
      for (let next = this.#queue[this.#written]; next !== undefined; next = this.#queue[this.#written]) {
        this.#model.attempted(step, next)
        // A delete syncs too: when that fails, all is written again.
        const written = this.#written
        if (next.kind === 'delete') this.#written = 0
        await perform(engine, next)
        this.#written = written + 1
      }
      const { length } = this.#queue
      this.#written = 0
      await engine.sync()
      this.#queue.splice(0, length)
      this.#model.acknowledged()
    } catch (error) {
      noteUnlessTold(error, ['store-write-failed', 'not-ready'], this.#complaints)
    }
  }
}

/** An error that a caller is told of is no complaint; one of another kind is. */
export function noteUnlessTold(error: unknown, codes: readonly string[], complaints: string[]): void {
  if (error instanceof KymoError && codes.includes(error.code)) return
  complaints.push(`an error that says nothing: ${error instanceof Error ? error.stack : String(error)}`)
}
