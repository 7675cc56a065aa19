import type { Clock } from '../lib/clock.ts'
import type { RecoveryProgress } from '../store/index.ts'

export interface RecoveryNewsOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly tell: (progress: RecoveryProgress) => void
}

const TELL_EVERY_MS = 100

/** Passes on how far a recovery is, but not for every one of thousands of files. */
export class RecoveryNews {
  readonly #options: RecoveryNewsOptions
  #toldAtMs = Number.NEGATIVE_INFINITY

  constructor(options: RecoveryNewsOptions) {
    this.#options = options
  }

  take(progress: RecoveryProgress): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - this.#toldAtMs < TELL_EVERY_MS) return
    this.#toldAtMs = nowMs
    this.#options.tell(progress)
  }
}
