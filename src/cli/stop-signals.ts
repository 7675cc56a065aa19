import type { EventEmitter } from 'node:events'
import { constants } from 'node:os'
import { type Clock, systemClock } from '../lib/clock.ts'

/** Ctrl-C through npm arrives twice: signals this close together are one. */
const SAME_SIGNAL_MS = 2_000

export interface StopSignals {
  /** Resolves with the first signal to stop. */
  readonly first: Promise<void>
  /** Resolves with a later one, which means now, to the exit code it stands for. */
  readonly second: Promise<number>
}

/** Listens for the signals that mean stop. `source` is the process. */
export function stopSignals(
  signals: readonly NodeJS.Signals[],
  source: Pick<EventEmitter, 'on'> = process,
  clock: Clock = systemClock,
): StopSignals {
  let firstMs: number | undefined
  let onFirst: () => void = () => {}
  let onSecond: (code: number) => void = () => {}
  const first = new Promise<void>((resolve) => (onFirst = resolve))
  const second = new Promise<number>((resolve) => (onSecond = resolve))
  for (const signal of signals) {
    source.on(signal, () => {
      const nowMs = clock.monotonicMs()
      firstMs ??= nowMs
      if (nowMs - firstMs >= SAME_SIGNAL_MS) onSecond(128 + constants.signals[signal])
      onFirst()
    })
  }
  return { first, second }
}
